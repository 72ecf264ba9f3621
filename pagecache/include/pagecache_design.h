/*
 * pagecache_design.h - a design of a page-cache index, written in C.
 *
 * A design is a shared object that exports one variable:
 *
 *	const struct pagecache_design pagecache_design = {
 *		.version = PAGECACHE_DESIGN_VERSION,
 *		.orders = 1,			// folios of order 0 only
 *		.create = create, .destroy = destroy, ...
 *	};
 *
 *	cc -O3 -shared -fPIC -I include -o mine.so mine.c
 *	pagecache compare --designs thp-multi,./mine.so --size 2G
 *
 * The verbs and their names are those of the contract that pagecache's own designs keep
 * (pagecache/designs/contract.pxd).  Index is in pages of 4 KiB; pfn is the number of a struct
 * page.  Each verb returns a number that proves the work was done, and the timed loop holds it
 * against the truth.  The loop calls the function with what `create` returned, once an event:
 * one indirect call, as for a design that is part of pagecache.
 *
 * Verbs may be called by several threads at once if PAGECACHE_CONCURRENT is among the flags
 * (readers beside a writer), else by one at a time.
 */
#ifndef PAGECACHE_DESIGN_H
#define PAGECACHE_DESIGN_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#define PAGECACHE_DESIGN_VERSION 2	/* 2 added walk; designs built with 1 are still taken */

#define PAGECACHE_ABSENT UINT64_MAX	/* what load and get answer where nothing is cached */
#define PAGECACHE_READ_PAGES 32		/* a buffered read of 128 KiB */
#define PAGECACHE_AROUND_PAGES 16	/* a fault-around of 64 KiB, aligned */

/* Flags of a design. */
#define PAGECACHE_CONCURRENT 1u		/* lookups may run beside one insert, remove or truncate */
#define PAGECACHE_STRUCT_PAGES 2u	/* its keys or links lie in struct pages */

/* Flags of a struct page. */
#define PAGECACHE_UPTODATE (UINT64_C(1) << 3)
#define PAGECACHE_DIRTY (UINT64_C(1) << 4)
#define PAGECACHE_HEAD (UINT64_C(1) << 16)
#define PAGECACHE_HWPOISON (UINT64_C(1) << 21)

/* A struct page: of a folio of order n the first of 2^n is the head, the others are tails. */
struct pagecache_page {
	uint64_t flags;
	uint64_t compound_head;		/* of a tail: the head's address + 1 */
	uint8_t destructor;
	uint8_t order;			/* in the first tail */
	uint8_t unused[2];
	int32_t compound_mapcount;
	void *mapping;			/* the file that caches it */
	uint64_t index;			/* its first page in that file */
	void *private_data;
	int32_t mapcount;
	int32_t refcount;
	void *memcg;
};

/* The file that an index is made for.  It outlives the index. */
struct pagecache_file {
	struct pagecache_page *base;	/* struct page of frame 0 */
	uint64_t frames;		/* how many there are */
	void *mapping;			/* what struct pages of this file's folios say */
	uint64_t *pages;		/* cached: counted by pagecache_folio_added and _removed */
	uint32_t huge_order;		/* of a huge page in huge_fault: 9 or 18 */
	uint32_t backed;		/* 0: no memory is behind struct pages; touch none */
};

/*
 * The walk of one lookup, for `pagecache explain`: a design tells it read by read, and pagecache
 * draws it.  Text is copied, so it may lie on the stack.
 */

/* What a slot holds, and so what `value` is. */
enum pagecache_kind {
	PAGECACHE_NOTHING,
	PAGECACHE_NODE,			/* the walk goes on there */
	PAGECACHE_ENTRY,		/* the entry of some folio: the frame it names */
	PAGECACHE_SIBLING,		/* part of an entry: the number of the slot that has it */
	PAGECACHE_OTHER,		/* an entry, but of another index than is looked for: that */
};

struct pagecache_slot {
	uint64_t number;		/* within its node */
	uint64_t first, last;		/* the indices that it stands for */
	uint64_t value;
	uint32_t kind;
	uint32_t reserved;
};

struct pagecache_walk {
	/* The walk comes to a node of so many slots: what is told next is of that.  A read before
	   any node is of the root. */
	void (*node)(struct pagecache_walk *walk, const char *name, uint64_t first, uint64_t last,
		     uint64_t slots);
	/* The node has this slot, whether it is read or not: for the picture alone. */
	void (*has)(struct pagecache_walk *walk, const struct pagecache_slot *slot);
	/* The walk reads a slot, and how its number follows from the index; NULL: there is no
	   slot for the index. */
	void (*read)(struct pagecache_walk *walk, const struct pagecache_slot *slot,
		     const char *how);
};

struct pagecache_design {
	uint32_t version;		/* PAGECACHE_DESIGN_VERSION */
	uint32_t flags;
	uint64_t orders;		/* bit n: it takes folios of order n */
	uint32_t folio_bytes;		/* what it takes for a folio at most; 0: 128 */
	uint32_t reserved;
	const char *summary;		/* what it is, in a sentence; or NULL */

	/* Required. */

	/* An empty index of one file, or NULL if memory ran out. */
	void *(*create)(struct pagecache_file *file);
	void (*destroy)(void *self);
	/* Take no more than so many bytes; an insertion that would need more gives -ENOMEM. */
	void (*set_limit)(void *self, uint64_t bytes);
	/* The frame that the entry at an index names: the page's own or its folio's head. */
	uint64_t (*load)(void *self, uint64_t index);
	/* Cache a folio: 0, -EEXIST, -ENOMEM, -EINVAL (no such order) or -EFAULT (no such
	   frames); nothing is changed unless it is 0. */
	int (*insert)(void *self, uint64_t index, unsigned int order, uint64_t pfn);
	/* Drop the folio that covers an index: its pages, 0 if nothing is there. */
	uint64_t (*remove)(void *self, uint64_t index);
	/* The first folio that reaches *index or lies after it: its order, *index then being its
	   first page; or -1. */
	int (*next_folio)(void *self, uint64_t *index);
	/* What it has allocated, counted; bytes include whatever one file has once. */
	uint64_t (*nodes)(void *self);
	uint64_t (*index_bytes)(void *self);
	int (*is_empty)(void *self);

	/* Provided: NULL leaves them to pagecache, which puts them together from those above. */

	uint64_t (*get)(void *self, uint64_t index);
	uint64_t (*read)(void *self, uint64_t index, uint64_t count);
	uint64_t (*fault_around)(void *self, uint64_t index);
	uint64_t (*huge_fault)(void *self, uint64_t huge_index);
	uint64_t (*truncate)(void *self);
	/* NULL if all is well, else what is wrong, in a sentence that stays where it is. */
	const char *(*check)(void *self);

	/* Declared by being there; NULL: the design has none, and tables print "-". */

	/* Set the folio at an index dirty: its first frame, or PAGECACHE_ABSENT. */
	uint64_t (*mark)(void *self, uint64_t index);
	/* The sum of the first frames of the folios that are dirty. */
	uint64_t (*scan)(void *self);

	/* Since version 2. */

	/* Tell the walk of a lookup; it must end at what `load` answers.  NULL: it is not told. */
	void (*walk)(void *self, uint64_t index, struct pagecache_walk *walk);
};

/*
 * What every design does with struct pages, as pagecache's own do it.
 */

/* Are all the frames of a folio at `pfn` there? */
static inline int pagecache_frames_fit(const struct pagecache_file *file, uint64_t pfn,
				       unsigned int order)
{
	return order < 64 && pfn < file->frames && UINT64_C(1) << order <= file->frames - pfn;
}

/* A folio goes in: the cache holds one reference a page, and the head says where it is. */
static inline void pagecache_folio_added(struct pagecache_file *file, uint64_t index,
					 unsigned int order, uint64_t pfn)
{
	struct pagecache_page *head = file->base + pfn;

	*file->pages += UINT64_C(1) << order;
	if (file->backed) {
		__atomic_add_fetch(&head->refcount, 1 << order, __ATOMIC_ACQ_REL);
		head->mapping = file->mapping;
		head->index = index;
		head->flags &= ~PAGECACHE_DIRTY;
	}
}

/* A folio has come out; how many pages it has. */
static inline uint64_t pagecache_folio_removed(struct pagecache_file *file, unsigned int order,
					       uint64_t pfn)
{
	struct pagecache_page *head = file->base + pfn;

	*file->pages -= UINT64_C(1) << order;
	if (file->backed) {
		head->mapping = NULL;
		__atomic_sub_fetch(&head->refcount, 1 << order, __ATOMIC_ACQ_REL);
	}
	return UINT64_C(1) << order;
}

static inline struct pagecache_page *pagecache_head(struct pagecache_page *page)
{
	if (page->compound_head & 1)
		return (struct pagecache_page *)(uintptr_t)(page->compound_head - 1);
	return page;
}

/* Take a reference, unless the count is zero: then the page is on its way out. */
static inline int pagecache_try_get(struct pagecache_page *head)
{
	int32_t count = __atomic_load_n(&head->refcount, __ATOMIC_RELAXED);

	while (count != 0)
		if (__atomic_compare_exchange_n(&head->refcount, &count, count + 1, 1,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return 1;
	return 0;
}

static inline void pagecache_put(struct pagecache_page *head)
{
	__atomic_sub_fetch(&head->refcount, 1, __ATOMIC_ACQ_REL);
}

/* Is it still this file's, filled and whole? */
static inline int pagecache_usable(const struct pagecache_file *file,
				   const struct pagecache_page *head)
{
	return head->mapping == file->mapping &&
	       (head->flags & (PAGECACHE_UPTODATE | PAGECACHE_HWPOISON)) == PAGECACHE_UPTODATE;
}

/*
 * The usual `get`, for a design whose load names pages or heads: load; take a reference unless
 * the count is zero; load again: if the answer changed meanwhile, put the reference and start
 * again.  The frame of the page itself, or PAGECACHE_ABSENT.
 */
static inline uint64_t pagecache_get(const struct pagecache_file *file, void *self, uint64_t index,
				     uint64_t (*load)(void *self, uint64_t index))
{
	uint64_t frame = load(self, index);
	struct pagecache_page *head;

	while (frame != PAGECACHE_ABSENT) {
		head = pagecache_head(file->base + frame);
		if (pagecache_try_get(head)) {
			if (load(self, index) == frame) {
				frame = pagecache_usable(file, head) ?
					(uint64_t)(head - file->base) + index - head->index :
					PAGECACHE_ABSENT;
				pagecache_put(head);
				return frame;
			}
			pagecache_put(head);
		}
		frame = load(self, index);
	}
	return frame;
}

/* The sum of `offset + index` for the indices from `first` to `last`, modulo 2^64. */
static inline uint64_t pagecache_frame_sum(uint64_t offset, uint64_t first, uint64_t last)
{
	uint64_t n = last - first + 1;

	return n * (offset + first) + (n % 2 ? (n - 1) / 2 * n : n / 2 * (n - 1));
}

#endif
