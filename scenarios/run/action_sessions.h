// ActionSessions: read-your-writes and monotonic-reads of sessions whose operations have no model that checkers know
// (actions of applications), by ground truth: the state that an answer was served from must not be older than what
// the session had seen or written when it began the action.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "model/client/client_observer.h"
#include "model/types/observer.h"

namespace tidemark::scenarios {

class ActionSessions {
 public:
  void on_invoke(const model::ClientInvocation& invocation, std::string action);
  void on_complete(const model::ClientOperation& operation);
  void on_response(const model::ResponseTruth& response);

  /// "session 4's transfer(3, 7, 10)": the action that is open there; "session 4" when none is.
  std::string open_action(std::uint32_t session) const;

  bool violated() const { return reads_.witness || writes_.witness; }
  /// read-your-writes and monotonic-reads.
  std::vector<checkers::Verdict> verdicts() const;

 private:
  /// The newest place of the log that the session knows of, and by which action.
  struct Mark {
    model::Bookmark at;
    std::string by;
  };
  struct Open {
    std::string action;
    sim::Instant invoked;
    bool made_up = false;
    model::Bookmark created;  // by its requests
  };
  struct Session {
    Mark read, written;
    std::optional<Open> open;
  };
  struct Rule {
    std::uint64_t judged = 0;
    std::optional<std::string> witness;
    std::int64_t at_ns = 0;
    void judge(const model::ResponseTruth& response, const Mark& mark, const Open& open, const char* what);
    checkers::Verdict verdict(const char* name) const;
  };
  std::map<std::uint32_t, Session> sessions_;  // those that have not ended
  Rule reads_, writes_;
};

/// "transfer(3, 7, 'note')".
std::string action_text(const model::ActionBody& action);

}  // namespace tidemark::scenarios
