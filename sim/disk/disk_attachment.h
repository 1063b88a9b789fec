// What a disk hangs on its process: the queue of callbacks and the way to the disk. Private to sim/disk. Shared with
// the process's crash listener, which lives as long as the process and so perhaps longer than the disk.
#pragma once

#include "sim/disk/disk.h"
#include "sim/disk/sync_queue.h"

namespace tidemark::sim {

struct Disk::Attachment {
  Attachment(Disk& of, Process& process) : disk(&of), queue(process) {}
  Disk* disk;  // nullptr when the disk is gone
  SyncQueue queue;
};

}  // namespace tidemark::sim
