/* tanh z = z p(z^2) / q(z^2), right to 3e-7 of itself; from 9.02 on it is 1. */
static float tanh_of(float a)
{
    const float z = a > 9.02f ? 9.02f : a < -9.02f ? -9.02f : a, s = z * z;
    float p = 0x1.ea490ep-27f, q = 0x1.b5497p-21f;
    p = p * s + 0x1.648882p-16f;
    q = q * s + 0x1.5f2764p-12f;
    p = p * s + 0x1.cf3632p-9f;
    q = q * s + 0x1.aa5b48p-6f;
    p = p * s + 0x1.12b40ap-3f;
    q = q * s + 0x1.deaf56p-2f;
    p = p * s + 1;
    q = q * s + 1;
    const float t = z * p / q;
    return t > 1 ? 1 : t < -1 ? -1 : t;
}
