#include "explain/page.h"
#include "reports/json_writer.h"

namespace tidemark::explain {
namespace {

using reports::JsonWriter;

void add_at(JsonWriter& json, const std::optional<sim::Instant>& at) {
  json.key("at_ns");
  at ? json.number(at->ns()) : json.null();
}

void add_verdict(JsonWriter& json, const checkers::Verdict& verdict) {
  json.begin_object().key("name").text(verdict.name);
  add_at(json, instant_of(verdict));
  json.key("witness").text(verdict.witness).end_object();
}

void add_line(JsonWriter& json, const StoryLine& line) {
  json.begin_object();
  if (line.number != 0) json.key("number").number(line.number);
  json.key("at_ns").number(line.when.ns()).key("event").number(line.event).key("node").text(line.node);
  json.key("text").text(line.text).key("fault").boolean(line.fault);
  if (line.because != 0) json.key("because").number(line.because);
  json.end_object();
}

void add_outcome(JsonWriter& json, const char* key, const std::optional<Outcome>& outcome) {
  json.key(key);
  if (!outcome) {
    json.null();
    return;
  }
  constexpr const char* kNames[] = {"same", "other", "none", "impossible", "defect"};
  json.begin_object().key("failure").text(kNames[static_cast<std::size_t>(outcome->ending)]);
  add_at(json, outcome->at);
  json.key("what").text(outcome->what).end_object();
}

void add_needs(JsonWriter& json, const Explanation& made) {
  json.key("moved_by_ns").number(made.needs->moved_by.ns());
  add_outcome(json, "without_faults", made.needs->no_faults);
  json.key("faults").begin_array();
  for (const FaultNeed& fault : made.needs->faults) {
    json.begin_object().key("id").number(fault.id).key("title").text(fault.title).key("targets").begin_array();
    for (const std::string& target : fault.targets) json.text(target);
    json.end_array().key("start").text(fault.start).key("verdict").text(fault.verdict(made.at()));
    add_outcome(json, "without", fault.without);
    add_outcome(json, "earlier", fault.earlier);
    add_outcome(json, "later", fault.later);
    json.end_object();
  }
  json.end_array();
}

void add_curve(JsonWriter& json, const Explanation& made) {
  const Curve& curve = *made.curve;
  json.key("curve").begin_object().key("complete").boolean(curve.complete).key("points").begin_array();
  for (const FuturePoint& point : curve.points) {
    json.begin_object().key("from_ns").number(point.from.ns()).key("futures").number(point.futures);
    json.key("failed").number(point.failed).end_object();
  }
  json.end_array().key("inevitable_ns");
  curve.inevitable ? json.number(curve.inevitable->ns()) : json.null();
  json.key("steepest_after_ns");
  curve.steepest ? json.number(curve.points[*curve.steepest].from.ns()) : json.null();
  json.key("steepest").begin_array();
  for (const StoryLine& line : made.steepest) add_line(json, line);
  json.end_array().end_object();
}

}  // namespace

std::string to_json(const Explanation& made) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("format").text("tidemark-explanation").key("version").number(1);
  json.key("scenario").text(made.scenario).key("seed").number(made.seed).key("digest").text(made.digest);
  json.key("failure").begin_object().key("id").text(made.failure.id()).key("text").text(made.failure.text());
  json.end_object().key("first").begin_object().key("name").text(made.first.verdict.name);
  add_at(json, made.at());
  json.key("event").number(made.first.event).key("guarantee").text(made.guarantee);
  json.key("witness").text(made.first.verdict.witness).end_object().key("others").begin_array();
  for (const checkers::Verdict& verdict : made.others) add_verdict(json, verdict);
  json.end_array().key("clients").begin_array();
  for (const std::string& client : made.story.clients) json.text(client);
  json.end_array().key("events").number(made.story.all_events).key("past_events").number(made.story.past_events);
  json.key("story").begin_array();
  for (const StoryLine& line : made.story.lines) add_line(json, line);
  json.end_array();
  if (made.needs) add_needs(json, made);
  if (made.curve) add_curve(json, made);
  if (!made.contents.empty()) json.key("contents").text(made.contents);
  json.key("trials").number(static_cast<std::uint64_t>(made.trials)).key("enough_trials").boolean(made.enough_trials);
  return json.end_object().str() + "\n";
}

}  // namespace tidemark::explain
