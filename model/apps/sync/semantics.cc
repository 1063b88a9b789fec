#include "model/apps/sync/semantics.h"

#include <utility>

#include "base/assert.h"

namespace tidemark::model::sync {

std::vector<ApplicationMistake> mistakes() {
  return {
      {"no-resync", "A socket that comes back does not ask for what it missed: changes-arrive, deletions-arrive."},
      {"live-rows-only", "A sync carries live rows only: deletions-arrive, views-agree."},
      {"time-stamps",
       "A sync asks for what is later than the newest time stamp on the page: changes-arrive, deletions-arrive."},
      {"arrival-order", "Rows are taken in the order in which they arrive: changes-arrive, views-agree."},
      {"late-actions", "No answer in time is taken for a failure, and the action comes later: failed-do-nothing."},
      {"no-action-ids", "An action that is sent again is not known to be the same: actions-once, failed-do-nothing."},
      {"ids-in-memory", "Actions that were done are remembered until the object hibernates: actions-once."},
      {"errors-are-final", "An error of the database is taken for a failure of the action: failed-do-nothing."},
      {"effects-stay", "The optimistic effect of a refused action stays on the page: failed-do-nothing."},
      {"as-published", "All but ids-in-memory and effects-stay, as the library does."},
  };
}

Semantics semantics_of(const WorkloadOptions& options) {
  const bool published = makes_mistake(options, "as-published");
  const auto right = [&](std::string_view mistake) { return !published && !makes_mistake(options, mistake); };
  Semantics semantics;
  semantics.resync = right("no-resync");
  semantics.tombstones = right("live-rows-only");
  semantics.revisions = right("time-stamps");
  semantics.newest_wins = right("arrival-order");
  semantics.keeps_trying = right("late-actions");
  semantics.action_ids = right("no-action-ids");
  semantics.ids_survive = !makes_mistake(options, "ids-in-memory");
  semantics.doubts = right("errors-are-final");
  semantics.drops_effects = !makes_mistake(options, "effects-stay");
  return semantics;
}

std::string_view table_of(std::int64_t channel) {
  return channel == 0 ? "todos" : "shopping";
}

boost::intrusive_ptr<SocketFrame> frame_of(std::uint32_t database, ActionBody text, ResultSetRef rows) {
  boost::intrusive_ptr<SocketFrame> frame(new SocketFrame);
  frame->database = database;
  frame->text = std::move(text);
  frame->rows = std::move(rows);
  return frame;
}

}  // namespace tidemark::model::sync
