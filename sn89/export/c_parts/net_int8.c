const int16_t *${name}_int8(const int8_t image[$inputs])
{
$calls
    return answers;
}

int ${name}_classify_int8(const int8_t image[$inputs])
{
    const int16_t *outputs = ${name}_int8(image);
    int best = 0;
    for (int i = 1; i < $outputs; i++)
        if (outputs[i] $better outputs[best])
            best = i;
    return best;
}

/* The image to the nearest int8. All else is done without a float. */
static const int8_t *in_whole_numbers(const float *image)
{
    static int8_t states[$inputs];
    for (int i = 0; i < $inputs; i++) {
        const float x = image[i] / ${NAME}_IMAGE_STEP, limited = x > 127 ? 127 : x < -127 ? -127 : x;
        states[i] = (int8_t)(limited + (limited < 0 ? -0.5f : 0.5f));
    }
    return states;
}

void $name(const float image[$inputs], float outputs[$outputs])
{
    const int16_t *found = ${name}_int8(in_whole_numbers(image));
    for (int i = 0; i < $outputs; i++)
        outputs[i] = ${NAME}_OUTPUT_STEP * (float)found[i];
}

int ${name}_classify(const float image[$inputs]) { return ${name}_classify_int8(in_whole_numbers(image)); }
