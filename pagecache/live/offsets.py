"""Where the running kernel keeps what a walk reads: offsets from its BTF, never from a header.

A kernel whose structs differ is refused, and the reason names the struct: a guessed offset would
give numbers that look right.
"""

from dataclasses import dataclass, fields

from pagecache.errors import InputError
from pagecache.live.btf import Btf

SLOTS = 64
_PATHS = {
    "task_files": "task_struct.files",
    "task_fs": "task_struct.fs",
    "fs_mount": "fs_struct.root.mnt",
    "mount_sb": "vfsmount.mnt_sb",
    "files_fdt": "files_struct.fdt",
    "fdt_fd": "fdtable.fd",
    "file_mapping": "file.f_mapping",
    "mapping_host": "address_space.host",
    "mapping_pages": "address_space.i_pages",
    "mapping_head": "address_space.i_pages.xa_head",
    "mapping_nrpages": "address_space.nrpages",
    "node_shift": "xa_node.shift",
    "node_offset": "xa_node.offset",
    "node_count": "xa_node.count",
    "node_values": "xa_node.nr_values",
    "node_parent": "xa_node.parent",
    "node_array": "xa_node.array",
    "node_slots": "xa_node.slots",
    "inode_sb": "inode.i_sb",
    "inode_link": "inode.i_sb_list",
    "inode_mapping": "inode.i_mapping",
    "inode_data": "inode.i_data",
    "inode_number": "inode.i_ino",
    "inode_bytes": "inode.i_size",
    "sb_link": "super_block.s_list",
    "sb_inodes": "super_block.s_inodes",
    "sb_device": "super_block.s_dev",
    "sb_root": "super_block.s_root",
    "sb_magic": "super_block.s_magic",
    "dentry_sb": "dentry.d_sb",
    "list_next": "list_head.next",
}


@dataclass(frozen=True)
class Offsets:
    """Bytes from the start of a struct to a member, named ``struct_member``."""

    node_size: int
    task_files: int
    task_fs: int
    fs_mount: int
    mount_sb: int
    files_fdt: int
    fdt_fd: int
    file_mapping: int
    mapping_host: int
    mapping_pages: int
    mapping_head: int
    mapping_nrpages: int
    node_shift: int
    node_offset: int
    node_count: int
    node_values: int
    node_parent: int
    node_array: int
    node_slots: int
    inode_sb: int
    inode_link: int
    inode_mapping: int
    inode_data: int
    inode_number: int
    inode_bytes: int
    sb_link: int
    sb_inodes: int
    sb_device: int
    sb_root: int
    sb_magic: int
    dentry_sb: int
    list_next: int


def offsets_of(btf: Btf) -> Offsets:
    """The offsets of one kernel; InputError where it has no such struct or cannot run a walk."""
    slots = btf.length("xa_node.slots")
    if slots != SLOTS:
        raise InputError(f"this kernel's nodes have {slots} slots, and the models' {SLOTS}")
    if not btf.has_enumerator("bpf_func_id", "BPF_FUNC_loop"):
        raise InputError("this kernel's BPF has no loop (Linux 5.17 has)")
    return Offsets(btf.size("xa_node"), **{name: btf.offset(_PATHS[name]) for name in names()})


def names() -> list[str]:
    return [field.name for field in fields(Offsets) if field.name != "node_size"]
