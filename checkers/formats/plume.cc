#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>
#include <vector>

#include "checkers/formats/draft.h"
#include "checkers/formats/registers.h"
#include "checkers/formats/syntax/line_scanner.h"

namespace tidemark::checkers {
namespace {

struct Line {
  Micro micro;
  std::int64_t session = 0;
  std::int64_t txn = 0;
};

struct Group {
  std::uint32_t session = 0;
  std::uint32_t line = 0;  // its last
  std::uint32_t count = 0;
  bool aborted = false;
};

/// Lines in file order with the transaction of each; sorted by transaction at the end.
class PlumeReader {
 public:
  explicit PlumeReader(const Source& source) : source_(source), scanner_(source), draft_(builder_) {}
  History read(ReadSummary& summary);

 private:
  Line line();
  std::uint32_t group_of(const Line& line);

  const Source& source_;
  LineScanner scanner_;
  HistoryBuilder builder_;
  Draft draft_;
  std::vector<Group> groups_;
  std::vector<std::pair<std::uint32_t, Micro>> lines_;                                        // group, operation
  boost::unordered_flat_map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> numbers_;  // session, id -> group
  std::vector<std::uint32_t> aborting_;  // by session: the aborted group that its last line was in, + 1
};

Line PlumeReader::line() {
  Line line;
  const bool write = scanner_.take('w');
  if (!write && !scanner_.take('r')) scanner_.fail("w(key,value,session,transaction) or r(...) expected");
  scanner_.need('(', "'('");
  const char* what[] = {"a key", "a value", "a session", "a transaction"};
  std::int64_t parts[4] = {};
  for (unsigned i = 0; i < 4; ++i) {
    if (i > 0) scanner_.need(',', "','");
    scanner_.skip_blanks();
    parts[i] = scanner_.integer(what[i]);
    scanner_.skip_blanks();
  }
  scanner_.need(')', "')'");
  if (!scanner_.at_end()) scanner_.fail("something follows the operation");
  if (parts[3] < -1) scanner_.fail("a transaction is a number from 0, or -1 when it was aborted");
  line.micro.verb = write ? Verb::kWrite : Verb::kRead;
  line.micro.shown = write || parts[3] < 0 ? Shown::kUnknown : Shown::kPlain;
  line.micro.key = builder_.key(builder_.integer(parts[0]));
  line.micro.value = builder_.integer(parts[1]);
  line.session = parts[2];
  line.txn = parts[3];
  return line;
}

std::uint32_t PlumeReader::group_of(const Line& line) {
  const std::uint32_t session = builder_.session(builder_.integer(line.session));
  if (session >= aborting_.size()) aborting_.resize(std::size_t{session} + 1);
  const auto fresh = [&](bool aborted) {
    groups_.push_back({session, 0, 0, aborted});
    return static_cast<std::uint32_t>(groups_.size() - 1);
  };
  std::uint32_t& aborting = aborting_[session];
  if (line.txn < 0) {
    if (aborting == 0) aborting = fresh(true) + 1;
    return aborting - 1;
  }
  aborting = 0;
  const auto [place, added] = numbers_.try_emplace({session, line.txn}, static_cast<std::uint32_t>(groups_.size()));
  return added ? fresh(false) : place->second;
}

History PlumeReader::read(ReadSummary& summary) {
  while (scanner_.next()) {
    scanner_.skip_blanks();
    if (scanner_.at_end()) continue;
    const Line read = line();
    const std::uint32_t group = group_of(read);
    groups_[group].line = scanner_.number();
    ++groups_[group].count;
    lines_.emplace_back(group, read.micro);
    ++summary.records;
  }
  std::vector<std::size_t> first(groups_.size() + 1);
  for (std::size_t i = 0; i < groups_.size(); ++i) first[i + 1] = first[i] + groups_[i].count;
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  std::vector<Micro> sorted(lines_.size());
  for (const auto& [group, micro] : lines_) sorted[next[group]++] = micro;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    HistoryBuilder::End end;
    end.outcome = groups_[i].aborted ? Outcome::kFail : Outcome::kOk;
    end.line = groups_[i].line;
    draft_.add(groups_[i].session, end, {sorted.data() + first[i], groups_[i].count});
  }
  Draft::Options options;
  options.zero_is_initial = true;
  return draft_.resolve(source_, options, summary);
}

}  // namespace

History read_plume(const Source& source, ReadSummary& summary) {
  return PlumeReader(source).read(summary);
}

}  // namespace tidemark::checkers
