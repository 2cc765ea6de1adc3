/* The input planes: the image in their centre, background around it. */
struct input {
    struct shape planes, image;
    state background;
};

static void input(const struct input *layer, const state *image, state *x)
{
    const int height = layer->planes.height, width = layer->planes.width;
    const int rows = layer->image.height, columns = layer->image.width;
    for (int unit = 0; unit < layer->planes.maps * height * width; unit++) {
        const int map = unit / (height * width);
        const int row = unit / width % height - (height - rows) / 2, column = unit % width - (width - columns) / 2;
        const int inside = row >= 0 && row < rows && column >= 0 && column < columns;
        x[unit] = inside ? image[(map * rows + row) * columns + column] : layer->background;
    }
}
