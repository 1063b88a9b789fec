#include "cli/explain_files.h"

#include <fmt/core.h>

#include "checkers/explain/explain.h"
#include "checkers/explain/minimal.h"
#include "checkers/explain/page.h"
#include "checkers/explain/picture.h"
#include "checkers/formats/format.h"
#include "checkers/formats/write/write.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace tidemark::cli {
namespace {

using checkers::Format;
using checkers::History;
using checkers::Minimal;

constexpr std::size_t kMostMinimal = 3;  // of a page

Format format_of(const std::string& path) {
  for (const Format format : {Format::kTidemark, Format::kJson, Format::kKv}) {
    if (path.ends_with(fmt::format(".{}", to_text(format)))) return format;
  }
  return path.ends_with(".txt") ? Format::kPlume : Format::kEdn;
}

std::string text_of(const History& history, Format format, const std::string& name) {
  std::string text;
  checkers::write_history(history, format, name, [&text](std::string_view piece) { text += piece; });
  return text;
}

Minimal minimal_of(const JudgedFile& file, const History& history, const checkers::Anomaly& anomaly) {
  checkers::MinimalOptions options;
  options.orders = orders_of(file.model->model);
  const checkers::Model model = file.model->model;
  return checkers::minimal_history(
      history, anomaly, [&](const History& part) { return checkers::judge(part, model, file.options); }, options);
}

checkers::Judgement judgement_of(const JudgedFile& file, const History& history) {
  return checkers::judge(history, file.model->model, file.options);
}

/// What `format` tells of the history.
History told_in(const History& history, Format format, const std::string& name) {
  return checkers::read_history_text(name, text_of(history, format, name), format);
}

/// `minimal`, if it fails by what `format` tells of it; else the least of what the format tells of the whole history.
/// When that does not fail either, `minimal` again.
Minimal minimal_in(Format format, const JudgedFile& file, const History& history, const Minimal& minimal) {
  if (judgement_of(file, told_in(minimal.history, format, file.path)).validity == checkers::Validity::kInvalid)
    return minimal;
  const History told = told_in(history, format, file.path);
  const checkers::Judgement judgement = judgement_of(file, told);
  return judgement.anomalies.empty() ? minimal : minimal_of(file, told, judgement.anomalies.front());
}

void write_minimal(const std::string& path, const JudgedFile& file, const History& history, const Minimal& whole) {
  const Format format = format_of(path);
  try {
    const Minimal minimal = minimal_in(format, file, history, whole);
    for (const std::string& loss : checkers::losses_of(minimal.history, format)) {
      print_message(fmt::format("note: {}: {}\n", path, loss));
    }
    write_file(path, text_of(minimal.history, format, path));
    const std::size_t transactions = minimal.history.transactions().size();
    if (judgement_of(file, told_in(minimal.history, format, path)).validity != checkers::Validity::kInvalid) {
      print_message(
          fmt::format("{}: {} transactions, which do not fail by what {} tells of them: name the file *.jsonl\n", path,
                      transactions, to_text(format)));
      return;
    }
    print_message(fmt::format("{}: {} transactions that fail with {}{}; judge them with --format {} --model {}\n", path,
                              transactions, minimal.anomaly.name,
                              minimal.complete ? "" : " (a budget ended the search for fewer)", to_text(format),
                              file.model->name));
  } catch (const checkers::ConversionRefused& refused) {
    throw UsageError(fmt::format("{}: {} ({})", path, refused.what(), to_text(format)));
  }
}

void write_page(const std::string& path, const JudgedFile& file, const History& history,
                const checkers::Judgement& judgement, const Minimal* first) {
  checkers::PageInput page;
  page.title = file.path;
  page.model = file.model->name;
  page.guarantee = file.model->guarantee;
  page.orders = orders_of(file.model->model);
  page.history = &history;
  page.judgement = &judgement;
  for (std::size_t i = 0; i < judgement.anomalies.size() && i < kMostMinimal; ++i) {
    page.minimal.push_back(i == 0 && first != nullptr ? *first : minimal_of(file, history, judgement.anomalies[i]));
    try {
      page.minimal_texts.push_back(text_of(page.minimal.back().history, Format::kEdn, file.path));
    } catch (const checkers::ConversionRefused& refused) {
      page.minimal_texts.push_back(fmt::format("; EDN has no words for it: {}", refused.what()));
    }
  }
  write_file(path, checkers::judgement_page(page));
  print_message(fmt::format("{}: the page of this judgement\n", path));
}

}  // namespace

checkers::why::Orders orders_of(checkers::Model model) {
  checkers::why::Orders orders;
  orders.sessions = model != checkers::Model::kSerializable && model != checkers::Model::kReadCommitted;
  orders.real_time = model == checkers::Model::kStrictSerializable || model == checkers::Model::kLinearizable;
  return orders;
}

void write_explanations(const ExplainFiles& files, const JudgedFile& file, const History& history,
                        const checkers::Judgement& judgement) {
  if (judgement.anomalies.empty()) {
    if (!files.html.empty()) write_page(files.html, file, history, judgement, nullptr);
    if (!files.svg.empty() || !files.minimal.empty()) {
      print_message(
          fmt::format("{}: no anomaly of the model {} to draw or to cut down\n", file.path, file.model->name));
    }
    return;
  }
  const checkers::Anomaly& first = judgement.anomalies.front();
  if (!files.svg.empty()) {
    write_file(files.svg, checkers::draw(history, first, orders_of(file.model->model)));
    print_message(fmt::format("{}: a picture of the first anomaly, {}\n", files.svg, first.name));
  }
  if (files.minimal.empty() && files.html.empty()) return;
  const Minimal minimal = minimal_of(file, history, first);
  if (!files.minimal.empty()) write_minimal(files.minimal, file, history, minimal);
  if (!files.html.empty()) write_page(files.html, file, history, judgement, &minimal);
}

}  // namespace tidemark::cli
