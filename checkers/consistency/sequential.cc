#include "checkers/consistency/sequential.h"

#include <fmt/core.h>

#include "checkers/consistency/contents.h"
#include "checkers/consistency/known_order.h"
#include "checkers/explain/explain.h"
#include "checkers/judge/models.h"

namespace tidemark::checkers {
namespace {

/// One line: "G-single: let T0 be ... (session 1: ...); ... T0 < T1, because ...; however, ...".
std::string told(const History& history, const Anomaly& anomaly) {
  const Explanation parts = explain_parts(history, info(Model::kSequential).guarantee, anomaly);
  std::string text = anomaly.name + ": let ";
  for (const Explanation::Part& part : parts.parts) {
    if (&part != &parts.parts.front()) text += ", ";
    text += fmt::format("{} be '{}' of {}", part.name, part.events, part.where);
  }
  for (const why::Sentence& step : parts.steps) {
    text += fmt::format("; {} stands before {}, because {}", why::name_of(history, step.from),
                        why::name_of(history, step.to), step.because);
  }
  if (!parts.fact.empty()) text += "; " + parts.fact;
  if (!parts.cycle.empty()) text += fmt::format("; however, {}: a contradiction", parts.cycle);
  return text + '.';
}

/// What the contents say, where the order of the bookmarks is no witness.
void decide(const std::vector<Operation>& operations, Verdict& sequential) {
  const Contents contents = contents_of(operations);
  const Judgement judgement = judge(contents.history, Model::kSequential);
  if (judgement.validity == Validity::kInvalid && contents.doubtful.empty()) {
    // Of a search that was exhausted, the replay tells more: in the one order that the log can have had.
    const Anomaly& first = judgement.anomalies.at(0);
    if (first.name != "no-order" || sequential.validity != Validity::kInvalid) {
      sequential.witness = told(contents.history, first);
      sequential.at_ns.reset();  // operations that contradict each other as a whole
    }
    sequential.validity = Validity::kInvalid;
    return;
  }
  sequential.at_ns.reset();
  if (judgement.validity == Validity::kValid && contents.left_out.empty()) {
    sequential.validity = Validity::kValid;  // legal in some order, even where it is not that of the bookmarks
    sequential.witness.clear();
    return;
  }
  if (sequential.validity == Validity::kValid) return;  // the replay fitted, so an order exists
  std::string why = judgement.reason;
  if (judgement.validity == Validity::kInvalid) why = contents.doubtful;
  if (judgement.validity == Validity::kValid) why = contents.left_out;
  const bool was_unknown = sequential.validity == Validity::kUnknown;
  sequential.witness = fmt::format("{}{} (the contents alone do not decide: {})",
                                   was_unknown ? "" : "not in the order of the bookmarks: ", sequential.witness, why);
  sequential.validity = Validity::kUnknown;
}

}  // namespace

std::vector<Verdict> check_sequential(const std::vector<Operation>& history) {
  KnownOrderChecker known(KnownOrderOptions{0, 512});
  bool one_model = true;
  bool restored = false;
  for (const Operation& operation : history) {
    known.on_operation(operation);
    const bool restore = !operation.restored_to.empty();
    restored = restored || restore;
    one_model = one_model && (restore || operation.value.index() == history.front().value.index());
  }
  Verdict sequential = known.finish();
  const Verdict order = known.bookmark_order();
  const bool decided = sequential.validity == Validity::kValid && order.validity == Validity::kValid;
  // A restore has a place in the order of the bookmarks, and in no other: the contents cannot know what it brought
  // back.
  if (!decided && !history.empty() && one_model && !restored) decide(history, sequential);
  return {sequential, order};
}

}  // namespace tidemark::checkers
