// chart.js - the course of a training: errors on a logarithmic axis, pass by pass; two runs; and where the paper came to.

import { color, sheet } from "./dom.js";

export const CHART = 620; // pixels that it is wide at most
const FLOOR = 0.0005; // of the axis: 0.05 %; no error at all is drawn there

// courses: [{words, points: [{pass, error, trainError}]}], the newest first. paper: {pass, test, train} or nothing.
export function chart(canvas, courses, paper, room) {
  const drawn = courses.filter((course) => course.points.length);
  canvas.hidden = !drawn.length;
  if (!drawn.length) return;
  const width = Math.min(CHART, room), height = 220, context = sheet(canvas, width, height);
  const last = Math.max(1, paper && drawn[0].points.at(-1).pass > 5 ? paper.pass + 1 : 0, ...drawn.map((course) => course.points.at(-1).pass));
  const x = (pass) => 44 + ((width - 130) * pass) / last;
  const y = (error) => 10 + ((height - 36) * Math.log10(1 / Math.max(FLOOR, error))) / Math.log10(1 / FLOOR);
  const line = (...points) => {
    context.beginPath();
    points.forEach(([px, py], i) => context[i ? "lineTo" : "moveTo"](px, py));
    context.stroke();
  };
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = context.strokeStyle = color("soft");
  context.lineWidth = 0.5;
  context.textAlign = "right";
  for (const share of [1, 0.1, 0.01, 0.001]) {
    context.fillText(`${100 * share} %`, 40, y(share) + 4);
    line([44, y(share)], [x(last), y(share)]);
  }
  context.textAlign = "center";
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((every) => last / every <= 10);
  for (let pass = 0; pass <= last; pass += step) {
    line([x(pass), y(FLOOR)], [x(pass), y(FLOOR) + 4]);
    context.fillText(String(pass), x(pass), y(FLOOR) + 17);
  }
  context.textAlign = "left";
  context.fillText("passes", x(last) + 8, y(FLOOR) + 17);
  drawn.toReversed().forEach((course) => {
    const old = course !== drawn[0];
    for (const [name, ink, key] of [["training", color("soft"), "trainError"], ["others", color("accent"), "error"]]) {
      context.strokeStyle = context.fillStyle = ink;
      context.lineWidth = old ? 1 : 2;
      context.setLineDash(old ? [4, 3] : []);
      line(...course.points.map((one) => [x(one.pass), y(one[key])]));
      context.setLineDash([]);
      const end = course.points.at(-1), close = Math.abs(y(end.error) - y(end.trainError)) < 14 ? (key === "error" ? -8 : 8) : 0;
      if (!old) context.fillText(name, Math.min(x(end.pass) + 6, width - 82), y(end[key]) + 4 + close);
    }
  });
  if (!paper || paper.pass > last) return;
  context.strokeStyle = context.fillStyle = color("feeds");
  context.lineWidth = 2;
  for (const share of [paper.test, paper.train]) {
    const [px, py] = [x(paper.pass), y(share)];
    line([px - 5, py - 5], [px + 5, py + 5]);
    line([px - 5, py + 5], [px + 5, py - 5]);
  }
  context.textAlign = "right";
  context.fillText("the paper", x(paper.pass) - 9, y(paper.test) + 4);
}
