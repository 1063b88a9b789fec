#include <vector>

#include "checkers/formats/draft.h"
#include "checkers/formats/registers.h"
#include "checkers/formats/syntax/json_reader.h"
#include "checkers/formats/syntax/values.h"

namespace tidemark::checkers {
namespace {

class DbcopReader {
 public:
  explicit DbcopReader(const Source& source)
      : source_(source), draft_(builder_), values_(source, builder_), lines_(source) {}
  History read(ReadSummary& summary);

 private:
  const Node& member(const NodeTree& tree, const Node& map, std::string_view name) const;
  void transaction(const NodeTree& tree, const Node& node, std::int64_t session, ReadSummary& summary);
  Micro event(const NodeTree& tree, const Node& node);

  const Source& source_;
  HistoryBuilder builder_;
  Draft draft_;
  ValueReader values_;
  LineCounter lines_;
  std::vector<Micro> micros_;
};

const Node& DbcopReader::member(const NodeTree& tree, const Node& map, std::string_view name) const {
  if (map.kind != NodeKind::kMap) source_.fail(map.at, "an object with '" + std::string(name) + "' expected");
  const Node* found = nullptr;
  for (std::uint32_t i = tree.first(map); i != map.next;) {
    const Node& key = tree[i];
    i = tree[key.next].next;
    if (key.text != name) continue;
    if (found != nullptr) source_.fail(key.at, "the key '" + std::string(name) + "' twice");
    found = &tree[key.next];
  }
  if (found == nullptr) source_.fail(map.at, "the key '" + std::string(name) + "' is missing");
  return *found;
}

Micro DbcopReader::event(const NodeTree& tree, const Node& node) {
  if (node.kind != NodeKind::kMap || node.children != 2)
    source_.fail(node.at, "{\"Read\":{...}} or {\"Write\":{...}} expected");
  const Node& name = tree[tree.first(node)];
  const bool write = name.text == "Write";
  if (!write && name.text != "Read") source_.fail(name.at, "an event is Read or Write");
  const Node& body = tree[name.next];
  const Node& version = member(tree, body, "version");
  Micro micro;
  micro.key = builder_.key(values_.value(member(tree, body, "variable"), "a variable"));
  micro.verb = write ? Verb::kWrite : Verb::kRead;
  micro.value = values_.value(version, "a version");
  if (write && micro.value.is_nil()) source_.fail(version.at, "a write has a version");
  if (!write) micro.shown = micro.value.is_nil() ? Shown::kNil : Shown::kPlain;
  return micro;
}

void DbcopReader::transaction(const NodeTree& tree, const Node& node, std::int64_t session, ReadSummary& summary) {
  const Node& events = member(tree, node, "events");
  const Node& committed = member(tree, node, "committed");
  if (events.kind != NodeKind::kSequence) source_.fail(events.at, "an array of events expected");
  if (committed.kind != NodeKind::kTruth) source_.fail(committed.at, "true or false expected");
  HistoryBuilder::End end;
  end.outcome = committed.number != 0 ? Outcome::kOk : Outcome::kFail;
  end.line = lines_.line(node.at);
  micros_.clear();
  for (std::uint32_t i = tree.first(events); i != events.next; i = tree[i].next) {
    micros_.push_back(event(tree, tree[i]));
    if (end.outcome == Outcome::kFail && micros_.back().verb == Verb::kRead) micros_.back().shown = Shown::kUnknown;
  }
  draft_.add(builder_.session(Value::integer(session)), end, micros_);
  summary.records += micros_.size();
}

History DbcopReader::read(ReadSummary& summary) {
  JsonReader reader(source_);
  NodeTree tree;
  std::int64_t number = 0;
  reader.each_of(tree, "data", [&] {
    const Node& session = tree.root();
    if (session.kind != NodeKind::kSequence) source_.fail(session.at, "a session is an array of transactions");
    for (std::uint32_t i = tree.first(session); i != session.next; i = tree[i].next)
      transaction(tree, tree[i], number, summary);
    ++number;
  });
  return draft_.resolve(source_, {}, summary);
}

}  // namespace

History read_dbcop_json(const Source& source, ReadSummary& summary) {
  return DbcopReader(source).read(summary);
}

}  // namespace tidemark::checkers
