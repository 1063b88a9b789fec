// OperationReader: what the operation maps of Jepsen and its kin mean.
//
// {:type :ok, :process 1, :f :txn, :value [[:append x 1] [:r x [1]]]} and the plain forms: read, write, cas, add,
// append, inc, dec, transfer, put, get with a value and perhaps a :key. Which form a record has is told by its value: a
// sequence of sequences that each begin with the name of a micro-operation is a transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkers/formats/draft.h"
#include "checkers/formats/pairing.h"
#include "checkers/formats/syntax/node_tree.h"
#include "checkers/formats/syntax/values.h"

namespace tidemark::checkers {

class OperationReader {
 public:
  explicit OperationReader(const Source& source);

  /// One record; throws HistoryError.
  void map(const NodeTree& tree);
  /// A line of a log: process, type, function, value; `value` may be missing.
  void parts(const NodeTree& tree, const Node& process, const Node& type, const Node& function, const Node* value);

  /// At the end of the file.
  History finish(bool texts);
  ReadSummary& summary() { return summary_; }

 private:
  struct Fields {
    const Node* type = nullptr;
    const Node* process = nullptr;
    const Node* function = nullptr;
    const Node* value = nullptr;
    const Node* key = nullptr;
    const Node* index = nullptr;
    const Node* time = nullptr;
  };
  /// What a plain operation does, by the name of its function.
  struct Plain {
    Verb verb = Verb::kRead;
    int sign = 1;
  };

  const Node** field_of(std::string_view name, Fields& fields);
  void record(const NodeTree& tree, const Node& place, const Fields& fields);
  RecordType type_of(const Node& node) const;
  std::uint32_t function_of(const Node* node);
  /// False when the record does not say what is done.
  bool interpret(const NodeTree& tree, const Fields& fields, RecordType type);
  static bool is_transaction(const NodeTree& tree, const Node& value);
  void transaction(const NodeTree& tree, const Node& value, bool result);
  void micro(const NodeTree& tree, const Node& node, bool result);
  bool plain(const NodeTree& tree, const Fields& fields, RecordType type);
  void change(const NodeTree& tree, const Node& value, Plain what, std::uint32_t key);
  bool transfer(const NodeTree& tree, const Node& value);
  void balances(const NodeTree& tree, const Node& value);
  void shown(const NodeTree& tree, const Node& value, Micro& micro, bool result);
  void elements(const NodeTree& tree, const Node& value, Micro& micro);
  void refuse_repeated(const NodeTree& tree, const Node& set, std::uint64_t first);

  const Source& source_;
  HistoryBuilder builder_;
  Draft draft_;
  ReadSummary summary_;
  Pairing pairing_;
  ValueReader values_;
  LineCounter lines_;
  std::vector<std::string> functions_;  // by number - 1
  std::vector<Micro> micros_;
  std::vector<Value> scratch_;
  std::vector<std::uint32_t> account_seen_;  // by key: the record that named it last
  std::uint32_t record_ = 0;
};

}  // namespace tidemark::checkers
