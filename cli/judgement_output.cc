#include "cli/judgement_output.h"

#include <fmt/core.h>

#include "checkers/explain/explain.h"
#include "cli/explain_files.h"
#include "reports/json_writer.h"

namespace tidemark::cli {
namespace {

using checkers::Anomaly;
using checkers::History;
using checkers::Judgement;

std::string indented(const std::string& text) {
  std::string result = "    ";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "    ";
  }
  result.erase(result.find_last_not_of(" \n") + 1);
  return result + "\n";
}

void write_transactions(reports::JsonWriter& json, const History& history, const Anomaly& anomaly) {
  json.key("transactions").begin_array();
  for (const std::uint32_t number : anomaly.transactions) {
    const checkers::Txn& txn = history.transactions()[number];
    json.begin_object().key("index").number(txn.index).key("line").number(txn.line);
    json.key("session").text(history.show_session(txn.session)).key("events").text(history.show(txn)).end_object();
  }
  json.end_array();
}

void write_cycle(reports::JsonWriter& json, const History& history, const Anomaly& anomaly) {
  json.key("cycle").begin_array();
  for (const checkers::Step& step : anomaly.cycle) {
    json.begin_object().key("from").number(history.transactions()[step.from].index);
    json.key("to").number(history.transactions()[step.to].index);
    json.key("relation").text(checkers::to_text(step.relation));
    if (step.relation != checkers::Relation::kSo && step.relation != checkers::Relation::kRt) {
      json.key("key").text(history.show_key(step.key)).key("before").text(history.show(step.before));
      json.key("after").text(history.show(step.after));
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::vector<std::string> history_format_names() {
  std::vector<std::string> names{"auto"};
  for (const checkers::Format format : checkers::kFormats) names.emplace_back(to_text(format));
  return names;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const checkers::ModelInfo& model : checkers::models()) names.emplace_back(model.name);
  return names;
}

std::string remarks(const checkers::ReadSummary& summary) {
  std::string text;
  const auto remark = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += fmt::format("note: {} {}\n", count, what);
  };
  remark(summary.others, "records of processes that are no clients are left out");
  remark(summary.foreign_lines, "lines of other loggers are left out");
  remark(summary.without_invocation, "operations have no invocation: they count as instants");
  remark(summary.still_open, "operations have no end: their outcome is unknown");
  remark(summary.repeated_elements, "elements stood more than once in reads of sets: they count once");
  remark(summary.conflicting_inserts, "inserts that found their row are left out: they are no event of a history");
  if (summary.without_process) text += "note: no operation names a process: each is a session of its own\n";
  return text;
}

std::string judgement_text(const JudgedFile& file, const History& history, const Judgement& judgement) {
  std::string text = fmt::format("{}: {} transactions, {} sessions, format {}\n", file.path,
                                 history.transactions().size(), history.sessions(), to_text(file.format));
  text += fmt::format("  {:<26} {:<8} {} observations\n", file.model->name, to_text(judgement.validity),
                      judgement.observations);
  if (!judgement.reason.empty()) text += "    " + judgement.reason + "\n";
  for (const Anomaly& anomaly : judgement.anomalies) {
    text += indented(checkers::explain(history, file.model->guarantee, anomaly, orders_of(file.model->model)));
  }
  return text + fmt::format("verdict {}\n", to_text(judgement.validity));
}

std::string judgement_json(const JudgedFile& file, const History& history, const Judgement& judgement) {
  reports::JsonWriter json;
  json.begin_object().key("history").text(file.path).key("format").text(to_text(file.format));
  json.key("model").text(file.model->name).key("verdict").text(to_text(judgement.validity));
  json.key("operations").number(static_cast<std::uint64_t>(history.transactions().size()));
  json.key("observations").number(judgement.observations).key("steps").number(judgement.steps);
  json.key("reason").text(judgement.reason).key("anomalies").begin_array();
  for (const Anomaly& anomaly : judgement.anomalies) {
    json.begin_object().key("name").text(anomaly.name);
    write_transactions(json, history, anomaly);
    write_cycle(json, history, anomaly);
    json.key("fact").text(anomaly.fact);
    json.key("explanation")
        .text(checkers::explain(history, file.model->guarantee, anomaly, orders_of(file.model->model)))
        .end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

}  // namespace tidemark::cli
