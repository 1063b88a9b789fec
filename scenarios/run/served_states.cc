#include "scenarios/run/served_states.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/literals.h"

namespace tidemark::scenarios {
namespace {

/// States that are kept for whoever may yet be answered from them.
constexpr std::size_t kKeptStates = 10'000;

template <typename Container>
void keep_newest(Container& container) {
  while (container.size() > kKeptStates) container.erase(container.begin());
}

/// As it was sent, and what was bound to ?1, ?2, ... in this order.
std::string sql_text(const model::ResponseTruth& response) {
  std::string values;
  for (const model::SqlValue& value : response.params)
    values +=
        fmt::format("{}?{} = {}", values.empty() ? "" : ", ", &value - response.params.data() + 1, literal_of(value));
  return fmt::format("{}{}", response.sql, values.empty() ? "" : " [" + values + "]");
}

}  // namespace

ServedStates::ServedStates(const std::vector<model::Assertion>& assertions, std::uint32_t page_size)
    : queries_(assertions, page_size), findings_(assertions.size()) {}

void ServedStates::on_commit(const model::Entry& entry, sim::Instant at) {
  const PageList* const pages = images_.add(entry);
  if (pages == nullptr) {
    unknown_.insert(entry.bookmark());
    return keep_newest(unknown_);
  }
  std::vector<StateQueries::Broken> broken = queries_.judge(*pages);
  if (broken.empty()) return;
  wrong_[entry.bookmark()] = {std::move(broken), at, {}};
  keep_newest(wrong_);
}

void ServedStates::on_created(const model::Bookmark& entry, const std::string& by) {
  const auto state = wrong_.find(entry);
  if (state != wrong_.end()) state->second.by = by;
}

void ServedStates::on_response(const model::ResponseTruth& response, const std::string& to, const std::string& copy) {
  ++answers_;
  if (unknown_.contains(response.state)) ++unknown_answers_;
  const auto found = wrong_.find(response.state);
  if (found == wrong_.end()) return;
  const State& state = found->second;
  for (const StateQueries::Broken& broken : state.broken) {
    std::optional<Finding>& finding = findings_[broken.assertion];
    // What could not be asked of one state may yet be seen broken in another.
    if (finding && !(finding->unanswered && !broken.unanswered)) continue;
    const std::string made = state.by.empty() ? "" : " by " + state.by;
    finding = Finding{fmt::format("{}\nIn the state {}, made at {}{}; {} was answered from it at {} by {}: {}",
                                  broken.text, response.state.text(), to_text(state.committed), made, to,
                                  to_text(response.sent), copy, sql_text(response)),
                      response.sent.ns(), broken.unanswered};
    if (!broken.unanswered) queries_.drop(broken.assertion);
  }
}

bool ServedStates::violated() const {
  return std::any_of(findings_.begin(), findings_.end(), [](const auto& f) { return f && !f->unanswered; });
}

std::vector<checkers::Verdict> ServedStates::verdicts() const {
  std::vector<checkers::Verdict> all;
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    checkers::Verdict verdict;
    verdict.name = queries_.assertions()[i].name;
    verdict.observations = answers_;
    if (findings_[i]) {
      verdict.validity = findings_[i]->unanswered ? checkers::Validity::kUnknown : checkers::Validity::kInvalid;
      verdict.witness = findings_[i]->witness;
      if (!findings_[i]->unanswered) verdict.at_ns = findings_[i]->at_ns;
    } else if (unknown_answers_ > 0) {
      verdict.validity = checkers::Validity::kUnknown;
      verdict.witness =
          fmt::format("{} answers were served from states that could not be made again", unknown_answers_);
    }
    all.push_back(std::move(verdict));
  }
  return all;
}

}  // namespace tidemark::scenarios
