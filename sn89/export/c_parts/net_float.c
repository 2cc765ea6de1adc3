void $name(const float image[$inputs], float outputs[$outputs])
{
$calls
}

int ${name}_classify(const float image[$inputs])
{
    static float outputs[$outputs];
    int best = 0;
    $name(image, outputs);
    for (int i = 1; i < $outputs; i++)
        if (outputs[i] $better outputs[best])
            best = i;
    return best;
}
