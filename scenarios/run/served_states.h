// ServedStates: do the assertions of an application hold in every state that an answer was served from?
//
// Each state is judged once, when its entry is made, on the entry's own pages (LogImages, StateQueries): every copy
// that shows this bookmark shows these pages, or a check of the replication says otherwise (IMG, HIDE, TXN). A state in
// which an assertion does not hold is kept until somebody is answered from it; one that nobody ever saw is no
// violation.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "model/types/entry.h"
#include "model/types/observer.h"
#include "scenarios/run/log_images.h"
#include "scenarios/run/state_queries.h"

namespace tidemark::scenarios {

class ServedStates {
 public:
  ServedStates(const std::vector<model::Assertion>& assertions, std::uint32_t page_size);

  /// `at`: the simulated instant, whatever the leader's clock says.
  void on_commit(const model::Entry& entry, sim::Instant at);
  void on_confirmed(const model::Bookmark& bookmark) { images_.confirm(bookmark); }
  /// Who made a state: "session 4's transfer(3, 7, 10)".
  void on_created(const model::Bookmark& entry, const std::string& by);
  /// An answer for a client. `to`: "session 9's balances()"; `copy`: name of the node.
  void on_response(const model::ResponseTruth& response, const std::string& to, const std::string& copy);

  const LogImages& images() const { return images_; }
  bool violated() const;
  /// One verdict for each assertion, in their order.
  std::vector<checkers::Verdict> verdicts() const;

 private:
  struct State {
    std::vector<StateQueries::Broken> broken;
    sim::Instant committed;
    std::string by;  // empty: not known
  };
  struct Finding {
    std::string witness;
    std::int64_t at_ns = 0;
    bool unanswered = false;
  };
  LogImages images_;
  StateQueries queries_;
  std::map<model::Bookmark, State> wrong_;        // the newest states in which something does not hold
  std::set<model::Bookmark> unknown_;             // that could not be made
  std::vector<std::optional<Finding>> findings_;  // by assertion
  std::uint64_t answers_ = 0;
  std::uint64_t unknown_answers_ = 0;
};

}  // namespace tidemark::scenarios
