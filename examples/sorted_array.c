/*
 * Your own design: the folios of a file in one sorted array.
 *
 *	cc -O3 -shared -fPIC -I include -o sorted_array.so examples/sorted_array.c
 *	pagecache compare --designs thp-multi,./sorted_array.so --size 64M
 *
 *	[ index 0, order 0, pfn 7 | index 512, order 9, pfn 1024 | index 1024, ... ]
 *
 * A lookup is a binary search: about 19 steps for 2 GiB of pages, of which the last few miss the
 * caches.  Appending is cheap; an insertion in the middle moves all that lies behind it.  It takes
 * 24 bytes a folio, and no more than twice that.  It has no marks, so tables print "-" for them.
 */
#include <stdlib.h>
#include <string.h>

#include "pagecache_design.h"

#define MOST_DRAWN 64	/* entries: of a longer array, a picture has those that are read */

struct folio {
	uint64_t index, pfn;
	unsigned int order;
};

struct array {
	struct pagecache_file *file;
	struct folio *folios;		/* sorted by index; no two overlap */
	uint64_t count, room, limit;	/* folios, folios there is room for, bytes */
};

static uint64_t last_page(const struct folio *folio)
{
	return folio->index + ((UINT64_C(1) << folio->order) - 1);
}

/* The place of the first folio that reaches `index` or lies after it. */
static uint64_t place(const struct array *array, uint64_t index)
{
	uint64_t low = 0, high = array->count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (last_page(array->folios + middle) < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void *create(struct pagecache_file *file)
{
	struct array *array = calloc(1, sizeof(*array));

	if (array) {
		array->file = file;
		array->limit = UINT64_MAX;
	}
	return array;
}

static void destroy(void *self)
{
	free(((struct array *)self)->folios);
	free(self);
}

static void set_limit(void *self, uint64_t bytes)
{
	((struct array *)self)->limit = bytes;
}

static uint64_t load(void *self, uint64_t index)
{
	const struct array *array = self;
	uint64_t at = place(array, index);

	if (at == array->count || array->folios[at].index > index)
		return PAGECACHE_ABSENT;
	return array->folios[at].pfn;
}

static uint64_t get(void *self, uint64_t index)
{
	return pagecache_get(((struct array *)self)->file, self, index, load);
}

static int grow(struct array *array)
{
	uint64_t room = array->room ? 2 * array->room : 16;
	struct folio *larger = NULL;

	if (room * sizeof(*larger) <= array->limit)
		larger = realloc(array->folios, room * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	array->folios = larger;
	array->room = room;
	return 0;
}

static int insert(void *self, uint64_t index, unsigned int order, uint64_t pfn)
{
	struct array *array = self;
	struct folio folio = { index, pfn, order };
	uint64_t at = place(array, index);

	if (!pagecache_frames_fit(array->file, pfn, order))
		return -EFAULT;
	if (at < array->count && array->folios[at].index <= last_page(&folio))
		return -EEXIST;
	if (array->count == array->room && grow(array))
		return -ENOMEM;
	memmove(array->folios + at + 1, array->folios + at, (array->count - at) * sizeof(folio));
	array->folios[at] = folio;
	array->count++;
	pagecache_folio_added(array->file, index, order, pfn);
	return 0;
}

static void empty(struct array *array)
{
	free(array->folios);
	array->folios = NULL;
	array->count = array->room = 0;
}

static uint64_t remove_folio(void *self, uint64_t index)
{
	struct array *array = self;
	uint64_t at = place(array, index);
	struct folio gone;

	if (at == array->count || array->folios[at].index > index)
		return 0;
	gone = array->folios[at];
	array->count--;
	memmove(array->folios + at, array->folios + at + 1, (array->count - at) * sizeof(gone));
	if (!array->count)
		empty(array);
	return pagecache_folio_removed(array->file, gone.order, gone.pfn);
}

static int next_folio(void *self, uint64_t *index)
{
	const struct array *array = self;
	uint64_t at = place(array, *index);

	if (at == array->count)
		return -1;
	*index = array->folios[at].index;
	return array->folios[at].order;
}

/* Without it, the folios would be removed one by one, each moving all the others. */
static uint64_t truncate_all(void *self)
{
	struct array *array = self;
	uint64_t at, pages = 0;

	for (at = 0; at < array->count; at++)
		pages += pagecache_folio_removed(array->file, array->folios[at].order,
						 array->folios[at].pfn);
	empty(array);
	return pages;
}

static uint64_t nodes(void *self)
{
	return ((struct array *)self)->room != 0;	/* the array is its one node */
}

static uint64_t index_bytes(void *self)
{
	return ((struct array *)self)->room * sizeof(struct folio);
}

/* The entry at a place, for who looks for an index. */
static struct pagecache_slot slot_at(const struct array *array, uint64_t at, uint64_t index)
{
	const struct folio *folio = array->folios + at;
	struct pagecache_slot slot = { at, folio->index, last_page(folio), folio->pfn,
				       PAGECACHE_ENTRY, 0 };

	if (index < slot.first || slot.last < index) {
		slot.kind = PAGECACHE_OTHER;
		slot.value = slot.first;
	}
	return slot;
}

/* The steps of `place`, told; then the read of the place that it finds. */
static void walk(void *self, uint64_t index, struct pagecache_walk *to)
{
	const struct array *array = self;
	uint64_t at, low = 0, high = array->count;
	struct pagecache_slot slot;

	to->node(to, "array", 0, array->count ? last_page(array->folios + array->count - 1) : 0,
		 array->count);
	for (at = 0; at < array->count && array->count <= MOST_DRAWN; at++) {
		slot = slot_at(array, at, index);
		to->has(to, &slot);
	}
	while (low < high) {
		at = (low + high) / 2;
		slot = slot_at(array, at, index);
		to->read(to, &slot, "the middle of what is left");
		if (slot.last < index)
			low = at + 1;
		else
			high = at;
	}
	slot = low < array->count ? slot_at(array, low, index) : (struct pagecache_slot){ 0 };
	to->read(to, low < array->count ? &slot : NULL, "the first that ends at the index or above");
}

static int is_empty(void *self)
{
	return ((struct array *)self)->count == 0;
}

static const char *check(void *self)
{
	const struct array *array = self;
	uint64_t at;

	for (at = 1; at < array->count; at++)
		if (array->folios[at].index <= last_page(array->folios + at - 1))
			return "the folios are out of order, or two overlap";
	return NULL;
}

const struct pagecache_design pagecache_design = {
	.version = PAGECACHE_DESIGN_VERSION,
	.orders = 0x2fff,		/* 0 to 11, and 13 */
	.folio_bytes = 2 * sizeof(struct folio),
	.summary = "One sorted array a file.",
	.create = create, .destroy = destroy, .set_limit = set_limit,
	.load = load, .insert = insert, .remove = remove_folio, .next_folio = next_folio,
	.nodes = nodes, .index_bytes = index_bytes, .is_empty = is_empty,
	.get = get, .truncate = truncate_all, .check = check, .walk = walk,
};
