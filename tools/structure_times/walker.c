/* A bare walk of nodes of 64 slots: what this machine takes for the memory reads of a lookup alone.
 * No states, no siblings, no conflict checks: a measure of the machine, not an index. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE (2UL << 20)
#define NODE 2UL /* in the low bits of a word: the address of a node */

struct node {
    uint64_t shift, header[4];
    uint64_t slots[64];
    uint64_t marks[3];
};

static struct node *nodes, *root;
static size_t used;

static struct node *take(uint64_t shift)
{
    struct node *node = &nodes[used++];
    node->shift = shift;
    return node;
}

/* Room for a file of `pages`, in huge pages; 0 if there is none. */
int walker_begin(uint64_t pages)
{
    size_t size = (pages / 62 + 64) * sizeof(struct node);
    size = (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    free(nodes);
    nodes = aligned_alloc(HUGE_PAGE, size);
    if (!nodes)
        return 0;
    madvise(nodes, size, MADV_HUGEPAGE);
    memset(nodes, 0, size);
    return 1;
}

static inline uint64_t *slot_of(const struct node *node, uint64_t index)
{
    return (uint64_t *)&node->slots[index >> node->shift & 63];
}

/* Store all pages in ascending order, into memory that was touched before. */
void walker_fill(uint64_t pages)
{
    uint64_t shift = 0;
    memset(nodes, 0, used * sizeof(struct node));
    used = 0;
    while ((pages - 1) >> shift > 63)
        shift += 6;
    root = take(shift);
    for (uint64_t index = 0; index < pages; index++) {
        const struct node *node = root;
        while (node->shift) {
            uint64_t *slot = slot_of(node, index);
            if (!*slot)
                *slot = (uint64_t)take(node->shift - 6) | NODE;
            node = (const struct node *)(*slot - NODE);
        }
        *slot_of(node, index) = index << 2 | 1;
    }
}

/* Look up each index, as long as a word says that it is a node; the sum of the words. */
uint64_t walker_load(const uint64_t *indices, size_t count)
{
    uint64_t total = 0;
    for (size_t k = 0; k < count; k++) {
        uint64_t word = (uint64_t)root | NODE;
        while ((word & 3) == NODE)
            word = *slot_of((const struct node *)(word - NODE), indices[k]);
        total += word;
    }
    return total;
}
