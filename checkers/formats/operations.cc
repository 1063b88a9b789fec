#include "checkers/formats/operations.h"

#include <algorithm>
#include <utility>

namespace tidemark::checkers {
namespace {

constexpr std::uint64_t kMostElements = (1U << 24) - 1;

struct MicroName {
  std::string_view name;
  Verb verb;
};
constexpr MicroName kMicroNames[] = {{"r", Verb::kRead},       {"append", Verb::kAppend}, {"w", Verb::kWrite},
                                     {"read", Verb::kRead},    {"write", Verb::kWrite},   {"add", Verb::kAdd},
                                     {"inc", Verb::kIncrement}};

const MicroName* micro_name(const Node& node) {
  if (node.kind != NodeKind::kName && node.kind != NodeKind::kText && node.kind != NodeKind::kSymbol) return nullptr;
  for (const MicroName& known : kMicroNames)
    if (node.text == known.name) return &known;
  return nullptr;
}

std::string shorten(std::string_view text) {
  return std::string(text.substr(0, 40));
}

}  // namespace

OperationReader::OperationReader(const Source& source)
    : source_(source),
      draft_(builder_),
      pairing_(source, draft_, summary_),
      values_(source, builder_),
      lines_(source) {}

const Node** OperationReader::field_of(std::string_view name, Fields& fields) {
  const std::pair<std::string_view, const Node**> known[] = {
      {"type", &fields.type}, {"process", &fields.process}, {"f", &fields.function}, {"value", &fields.value},
      {"time", &fields.time}, {"index", &fields.index},     {"key", &fields.key}};
  for (const auto& [field, place] : known)
    if (field == name) return place;
  return nullptr;
}

void OperationReader::map(const NodeTree& tree) {
  const Node& root = tree.root();
  if (root.kind != NodeKind::kMap) source_.fail(root.at, "an operation is a map");
  Fields fields;
  for (std::uint32_t i = tree.first(root); i != root.next;) {
    const Node& key = tree[i];
    const Node& value = tree[key.next];
    i = value.next;
    if (key.kind != NodeKind::kName && key.kind != NodeKind::kText) continue;
    const Node** field = field_of(key.text, fields);
    if (field == nullptr) continue;
    if (*field != nullptr) source_.fail(key.at, "the key '" + std::string(key.text) + "' twice");
    *field = &value;
  }
  record(tree, root, fields);
}

void OperationReader::parts(const NodeTree& tree, const Node& process, const Node& type, const Node& function,
                            const Node* value) {
  Fields fields;
  fields.process = &process;
  fields.type = &type;
  fields.function = &function;
  fields.value = value;
  record(tree, process, fields);
}

RecordType OperationReader::type_of(const Node& node) const {
  constexpr std::pair<std::string_view, RecordType> kTypes[] = {{"invoke", RecordType::kInvoke},
                                                                {"ok", RecordType::kOk},
                                                                {"fail", RecordType::kFail},
                                                                {"info", RecordType::kInfo}};
  for (const auto& [name, type] : kTypes)
    if (node.is_named(name)) return type;
  source_.fail(node.at, "the type of an operation is invoke, ok, fail or info");
}

/// Functions are few: a linear search finds them.
std::uint32_t OperationReader::function_of(const Node* node) {
  if (node == nullptr || node->kind == NodeKind::kNil) return 0;
  if (node->is_collection()) source_.fail(node->at, "the name of a function expected");
  auto found = std::find(functions_.begin(), functions_.end(), node->text);
  if (found == functions_.end()) {
    if (functions_.size() == 256) source_.fail(node->at, "more than 256 different functions");
    found = functions_.insert(functions_.end(), std::string(node->text));
  }
  return static_cast<std::uint32_t>(found - functions_.begin()) + 1;
}

void OperationReader::record(const NodeTree& tree, const Node& place, const Fields& fields) {
  ++summary_.records;
  ++record_;
  Record record;
  record.at = place.at;
  if (fields.process != nullptr && fields.process->kind != NodeKind::kNil) {
    if (fields.process->kind != NodeKind::kInteger) {  // a nemesis
      ++summary_.others;
      return;
    }
    record.has_process = true;
    record.process = builder_.integer(fields.process->number);
  }
  if (fields.type == nullptr) source_.fail(place.at, "an operation has a type: invoke, ok, fail or info");
  record.type = type_of(*fields.type);
  record.function = function_of(fields.function);
  record.line = lines_.line(place.at);
  if (fields.index != nullptr && fields.index->kind != NodeKind::kNil) {
    const Node& index = *fields.index;
    if (index.kind != NodeKind::kInteger || index.number < 0) source_.fail(index.at, "an index is an integer from 0");
    if (index.number < kNever) record.index = static_cast<std::uint32_t>(index.number);
  }
  if (fields.time != nullptr && fields.time->kind == NodeKind::kInteger)
    record.time = std::max<std::int64_t>(fields.time->number, -1);
  micros_.clear();
  const bool unsure = record.type == RecordType::kFail || record.type == RecordType::kInfo;
  // Where the outcome is not ok, the value may be a remark: what was tried stands in the invocation.
  const bool told = (unsure && pairing_.is_begun(record)) ? false : interpret(tree, fields, record.type);
  pairing_.add(record, told, micros_);
}

bool OperationReader::interpret(const NodeTree& tree, const Fields& fields, RecordType type) {
  const Node* value = fields.value;
  const bool result = type == RecordType::kOk;
  const bool some = value != nullptr && value->kind != NodeKind::kNil;
  const bool named = fields.function != nullptr && fields.function->kind != NodeKind::kNil;
  if (!named || fields.function->is_named("txn")) {
    if (!some) return false;
    if (value->kind != NodeKind::kSequence) source_.fail(value->at, "a transaction is a sequence of micro-operations");
    transaction(tree, *value, result);
    return true;
  }
  if (some && is_transaction(tree, *value)) {
    transaction(tree, *value, result);
    return true;
  }
  return plain(tree, fields, type);
}

bool OperationReader::is_transaction(const NodeTree& tree, const Node& value) {
  if (value.kind != NodeKind::kSequence || value.children == 0) return false;
  for (std::uint32_t i = tree.first(value); i != value.next; i = tree[i].next) {
    const Node& part = tree[i];
    if (part.kind != NodeKind::kSequence || part.children < 2 || part.children > 3) return false;
    if (micro_name(tree[tree.first(part)]) == nullptr) return false;
  }
  return true;
}

void OperationReader::transaction(const NodeTree& tree, const Node& value, bool result) {
  for (std::uint32_t i = tree.first(value); i != value.next; i = tree[i].next) micro(tree, tree[i], result);
}

void OperationReader::micro(const NodeTree& tree, const Node& node, bool result) {
  if (node.kind != NodeKind::kSequence || node.children == 0)
    source_.fail(node.at, "a micro-operation is a sequence: its name, a key, a value");
  const Node& name = tree[tree.first(node)];
  const MicroName* known = micro_name(name);
  if (known == nullptr)
    source_.fail(name.at, "unknown micro-operation '" + shorten(name.text) + "'; known are r, w, append, add and inc");
  const bool read = known->verb == Verb::kRead;
  if (node.children != 3 && !(read && node.children == 2))
    source_.fail(node.at, "a micro-operation has three parts: its name, a key, a value");
  const Node& key = tree[name.next];
  Micro micro;
  micro.verb = known->verb;
  micro.key = builder_.key(values_.value(key, "a key"));
  if (read) {
    if (node.children == 3) {
      shown(tree, tree[key.next], micro, result);
    } else if (result) {
      micro.shown = Shown::kNil;
    }
  } else {
    const Node& value = tree[key.next];
    micro.value = values_.value(value, "a plain value");
    if (micro.value.is_nil() && micro.verb != Verb::kWrite) source_.fail(value.at, "a value expected, not nil");
  }
  micros_.push_back(micro);
}

void OperationReader::shown(const NodeTree& tree, const Node& value, Micro& micro, bool result) {
  if (!result) return;
  if (value.kind == NodeKind::kNil) {
    micro.shown = Shown::kNil;
  } else if (value.kind == NodeKind::kSequence || value.kind == NodeKind::kSet) {
    elements(tree, value, micro);
  } else {
    micro.shown = Shown::kPlain;
    micro.value = values_.value(value, "what was read");
  }
}

void OperationReader::elements(const NodeTree& tree, const Node& value, Micro& micro) {
  if (value.children > kMostElements) source_.fail(value.at, "more than 16777215 elements");
  std::vector<Value>& all = draft_.elements();
  micro.shown = value.kind == NodeKind::kSet ? Shown::kSet : Shown::kSequence;
  micro.range = static_cast<std::uint64_t>(all.size()) << 24 | value.children;
  const std::size_t first = all.size();
  for (std::uint32_t i = tree.first(value); i != value.next; i = tree[i].next)
    all.push_back(values_.value(tree[i], "a plain element"));
  if (value.kind == NodeKind::kSet) refuse_repeated(tree, value, first);
}

void OperationReader::refuse_repeated(const NodeTree& tree, const Node& set, std::uint64_t first) {
  const std::vector<Value>& all = draft_.elements();
  scratch_.assign(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
  std::sort(scratch_.begin(), scratch_.end());
  const auto twice = std::adjacent_find(scratch_.begin(), scratch_.end());
  if (twice == scratch_.end()) return;
  bool seen = false;
  std::size_t at = first;
  for (std::uint32_t i = tree.first(set); i != set.next; i = tree[i].next, ++at) {
    if (all[at] != *twice) continue;
    if (seen) source_.fail(tree[i].at, "the same element twice in a set");
    seen = true;
  }
}

bool OperationReader::plain(const NodeTree& tree, const Fields& fields, RecordType type) {
  constexpr std::pair<std::string_view, Plain> kFunctions[] = {
      {"read", {Verb::kRead, 1}},      {"write", {Verb::kWrite, 1}},         {"cas", {Verb::kCas, 1}},
      {"add", {Verb::kAdd, 1}},        {"append", {Verb::kAppend, 1}},       {"get", {Verb::kGet, 1}},
      {"put", {Verb::kPut, 1}},        {"transfer", {Verb::kTransfer, 1}},   {"inc", {Verb::kIncrement, 1}},
      {"dec", {Verb::kIncrement, -1}}, {"increment", {Verb::kIncrement, 1}}, {"decrement", {Verb::kIncrement, -1}}};
  const auto* known = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                   [&](const auto& entry) { return fields.function->is_named(entry.first); });
  if (known == std::end(kFunctions))
    source_.fail(fields.function->at,
                 "unknown function '" + shorten(fields.function->text) +
                     "'; known are txn, read, write, cas, add, append, inc, dec, transfer, put and get");
  const Plain what = known->second;
  const bool some = fields.value != nullptr && fields.value->kind != NodeKind::kNil;
  const bool keyed = fields.key != nullptr && fields.key->kind != NodeKind::kNil;
  const std::uint32_t key = keyed ? builder_.key(values_.value(*fields.key, "a key")) : kOnlyKey;
  if (what.verb == Verb::kTransfer) return some && transfer(tree, *fields.value);
  if (what.verb == Verb::kRead || what.verb == Verb::kGet) {
    if (some && fields.value->kind == NodeKind::kMap) {
      if (type == RecordType::kOk) balances(tree, *fields.value);
      return true;
    }
    Micro micro;
    micro.verb = what.verb;
    micro.key = key;
    if (some) {
      shown(tree, *fields.value, micro, type == RecordType::kOk);
    } else if (type == RecordType::kOk) {
      micro.shown = Shown::kNil;
    }
    micros_.push_back(micro);
    return true;
  }
  const bool counts = what.verb == Verb::kIncrement;
  if (!some && !counts && what.verb != Verb::kWrite && what.verb != Verb::kPut) return false;
  if (!some && type != RecordType::kInvoke && !counts) return false;
  static const Node kNothing;
  change(tree, some ? *fields.value : kNothing, what, key);
  return true;
}

void OperationReader::change(const NodeTree& tree, const Node& value, Plain what, std::uint32_t key) {
  Micro micro;
  micro.verb = what.verb;
  micro.key = key;
  if (what.verb == Verb::kCas) {
    if (value.kind != NodeKind::kSequence || value.children != 2)
      source_.fail(value.at, "a compare-and-set has two values: what is expected, what is written");
    const Node& expected = tree[tree.first(value)];
    micro.expected = values_.value(expected, "a plain value");
    micro.value = values_.value(tree[expected.next], "a plain value");
  } else if (what.verb == Verb::kIncrement) {
    if (value.kind != NodeKind::kNil && value.kind != NodeKind::kInteger)
      source_.fail(value.at, "a counter is changed by an integer");
    const std::int64_t by = value.kind == NodeKind::kNil ? 1 : value.number;
    if (!Value::fits(by)) source_.fail(value.at, "a counter is changed by an integer within 2^61");
    micro.value = Value::integer(what.sign * by);
  } else {
    micro.value = values_.value(value, "a plain value");
  }
  micros_.push_back(micro);
}

bool OperationReader::transfer(const NodeTree& tree, const Node& value) {
  if (value.kind != NodeKind::kMap) source_.fail(value.at, "a transfer is a map of from, to and amount");
  const Node* parts[3] = {};
  constexpr std::string_view kNames[] = {"from", "to", "amount"};
  for (std::uint32_t i = tree.first(value); i != value.next;) {
    const Node& name = tree[i];
    for (std::size_t part = 0; part < 3; ++part) {
      if (!name.is_named(kNames[part])) continue;
      if (parts[part] != nullptr) source_.fail(name.at, "the key '" + std::string(name.text) + "' twice");
      parts[part] = &tree[name.next];
    }
    i = tree[name.next].next;
  }
  for (std::size_t part = 0; part < 3; ++part)
    if (parts[part] == nullptr) source_.fail(value.at, "a transfer lacks '" + std::string(kNames[part]) + "'");
  if (parts[2]->kind != NodeKind::kInteger) source_.fail(parts[2]->at, "the amount must be an integer");
  Micro micro;
  micro.verb = Verb::kTransfer;
  micro.key = builder_.key(values_.object_key(*parts[0], "an account"));
  micro.range = builder_.key(values_.object_key(*parts[1], "an account"));
  micro.value = values_.value(*parts[2], "an amount");
  micros_.push_back(micro);
  return true;
}

void OperationReader::balances(const NodeTree& tree, const Node& value) {
  for (std::uint32_t i = tree.first(value); i != value.next;) {
    const Node& account = tree[i];
    const Node& balance = tree[account.next];
    i = balance.next;
    if (balance.kind != NodeKind::kInteger && balance.kind != NodeKind::kNil)
      source_.fail(balance.at, "a balance must be an integer");
    Micro micro;
    micro.verb = Verb::kBalance;
    micro.key = builder_.key(values_.object_key(account, "an account"));
    micro.value = values_.value(balance, "a balance");
    if (micro.key >= account_seen_.size()) account_seen_.resize(std::size_t{micro.key} + 1);
    if (account_seen_[micro.key] == record_) source_.fail(account.at, "the same account twice");
    account_seen_[micro.key] = record_;
    micros_.push_back(micro);
  }
}

History OperationReader::finish(bool texts) {
  pairing_.finish();
  Draft::Options options;
  options.real_time = pairing_.real_time();
  options.texts = texts;
  return draft_.resolve(source_, options, summary_);
}

}  // namespace tidemark::checkers
