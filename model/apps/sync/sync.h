// Sync: entities that pages hold in common and change together, live, over sockets (docs/apps/sync.md).
//
//   add(action, item)      a new item on the list; its number says on which of two channels
//   vote(action, item)     the action's number joins the item's votes; at most five
//   remove(action, item)   it becomes a tombstone
//   look()                 what the page shows, and at which revision
//   reopen(milliseconds)   the page is closed for so long
//
// The right program is a repaired one; `workload.mistakes` switches repairs off.
#pragma once

#include "model/apps/application.h"

namespace tidemark::model {

ApplicationInfo sync_application();

}  // namespace tidemark::model
