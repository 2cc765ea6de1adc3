/* start.c - the least that runs a net on a bare Cortex-M4F: vectors, memory, the floating-point unit; then, through the
 * debugger's door (semihosting), the outputs for some images as hexadecimal words, a line for each image. */
#include <stdint.h>

#include "images.h" /* COUNT images of INPUTS floats */
#include "float_net.h"
#include "int8_net.h"

enum { WRITE_STRING = 0x04, EXIT = 0x18, DONE = 0x20026 };

extern uint32_t stack_top, bss_begin, bss_end;

void reset(void);

static void ask_debugger(uintptr_t what, uintptr_t with)
{
    register uintptr_t r0 __asm__("r0") = what;
    register uintptr_t r1 __asm__("r1") = with;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print_word(uint32_t word, char after)
{
    char text[10];
    for (int i = 0; i < 8; i++, word <<= 4)
        text[i] = "0123456789abcdef"[word >> 28];
    text[8] = after;
    text[9] = 0;
    ask_debugger(WRITE_STRING, (uintptr_t)text);
}

static void print_outputs(const float *outputs, int answer)
{
    for (int i = 0; i < FLOAT_NET_OUTPUTS; i++) {
        const union {
            float number;
            uint32_t word;
        } output = {outputs[i]};
        print_word(output.word, ' ');
    }
    print_word((uint32_t)answer, '\n');
}

void reset(void)
{
    static float outputs[FLOAT_NET_OUTPUTS];
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; /* the floating-point unit is on */
    __asm__ volatile("dsb\n isb");
    for (volatile uint32_t *word = &bss_begin; word < &bss_end; word++)
        *word = 0;
    for (int i = 0; i < COUNT; i++) {
        float_net(images[i], outputs);
        print_outputs(outputs, float_net_classify(images[i]));
        int8_net(images[i], outputs);
        print_outputs(outputs, int8_net_classify(images[i]));
    }
    ask_debugger(EXIT, DONE);
}

static void fault(void) { ask_debugger(EXIT, 0x20023); } /* not as intended: the exit status is 1 */

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {&stack_top, {reset, fault, fault, fault, fault, fault}};
