// worker.js - a training beside the page.

import { Trainer } from "./trainer.js";

const trainer = new Trainer((told) => postMessage(told), 50);
onmessage = ({ data }) => trainer.hear(data);
