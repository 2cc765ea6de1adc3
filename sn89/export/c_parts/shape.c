struct shape {
    int maps, height, width;
};
