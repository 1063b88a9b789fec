#include "checkers/explain/picture.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "checkers/explain/explain.h"
#include "checkers/explain/markup.h"
#include "checkers/explain/svg.h"

namespace tidemark::checkers {
namespace {

using why::kCharacter;
using why::kLine;
using why::Sheet;

constexpr int kMargin = 16;
constexpr int kPadding = 10;
constexpr int kGap = 46;               // between boxes of a cycle: room for a label
constexpr std::size_t kMostShown = 8;  // events of a transaction
constexpr std::size_t kWidest = 96;    // characters of a line
constexpr int kColumn = 84;            // of a picture of a place: from one instant to the next
constexpr int kLane = 56;

int width_in_pixels(std::string_view text) {
  return static_cast<int>(why::width_of(text)) * kCharacter;
}

/// The lines of a transaction's box.
std::vector<std::string> lines_of(const History& history, const Explanation::Part& part) {
  std::vector<std::string> lines{why::shortened(part.name + "  " + part.where, kWidest)};
  const std::span<const Event> events = history.events(history.transactions()[part.transaction]);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events.size() > kMostShown && i + 1 == kMostShown) {
      lines.push_back(fmt::format("... {} more", events.size() - i));
      break;
    }
    lines.push_back(why::shortened(history.show(events[i]), kWidest));
  }
  return lines;
}

/// "wr x: the 2", "rw x: before the 1", "ww x: 1, then 2", "so: session 5", "rt: ended before".
std::string label_of(const History& history, const Step& step) {
  switch (step.relation) {
    case Relation::kSo:
      return fmt::format("so: session {}", history.show_session(history.transactions()[step.from].session));
    case Relation::kRt:
      return "rt: ended before the other began";
    case Relation::kWr:
      return fmt::format("wr {}: read the {}", history.show_key(step.key), history.show(step.after));
    case Relation::kRw:
      return fmt::format("rw {}: had not seen the {}", history.show_key(step.key), history.show(step.after));
    case Relation::kWw:
      return fmt::format("ww {}: {}, then {}", history.show_key(step.key), history.show(step.before),
                         history.show(step.after));
  }
  return "";
}

const Explanation::Part& part_of(const Explanation& explanation, std::uint32_t transaction) {
  return *std::find_if(explanation.parts.begin(), explanation.parts.end(),
                       [transaction](const Explanation::Part& part) { return part.transaction == transaction; });
}

// --- a place --------------------------------------------------------------------------------------------------------

/// The instants of a transaction on one scale, whatever the history tells of time.
std::pair<std::int64_t, std::int64_t> instants(const History& history, std::uint32_t transaction) {
  if (!history.times().empty()) {
    const History::Times& times = history.times()[transaction];
    return {times.invoke_ns, std::max(times.invoke_ns, times.complete_ns)};
  }
  const Txn& txn = history.transactions()[transaction];
  if (history.has_real_time()) return {txn.call, std::max(txn.call, txn.ret)};
  return {transaction, transaction};
}

class Place {
 public:
  Place(const History& history, const Anomaly& anomaly, const why::Orders& orders)
      : history_(history), anomaly_(anomaly), explanation_(explain_parts(history, "", anomaly, orders)) {
    for (const Explanation::Part& part : explanation_.parts) shown_[part.transaction] = true;
    add_neighbours();
    place_columns();
  }

  std::string draw() {
    sheet_.text(kMargin, kMargin + kLine, anomaly_.name, "strong bad");
    if (!explanation_.fact.empty()) {
      sheet_.text(kMargin, kMargin + 2 * kLine, why::shortened(explanation_.fact, kWidest + 40), "dim");
    }
    const int top = kMargin + 4 * kLine;
    std::vector<std::uint32_t> sessions;
    for (const auto& [transaction, named] : shown_) {
      const std::uint32_t session = history_.transactions()[transaction].session;
      if (std::find(sessions.begin(), sessions.end(), session) == sessions.end()) sessions.push_back(session);
    }
    int left = 0;
    for (const std::uint32_t session : sessions) left = std::max(left, width_in_pixels(lane_name(session)));
    left += kMargin + kPadding * 2;
    for (std::size_t lane = 0; lane < sessions.size(); ++lane) {
      draw_lane(sessions[lane], left, top + static_cast<int>(lane) * kLane);
    }
    draw_legend(top + static_cast<int>(sessions.size()) * kLane + kLine);
    return sheet_.finish(fmt::format("{}: the sessions that take part, in time", anomaly_.name));
  }

 private:
  std::string lane_name(std::uint32_t session) const {
    return why::shortened("session " + history_.show_session(session), 32);
  }

  /// What stands directly before and after the witness in its sessions.
  void add_neighbours() {
    const std::map<std::uint32_t, bool> witness = shown_;
    const auto count = static_cast<std::uint32_t>(history_.transactions().size());
    for (const auto& [transaction, named] : witness) {
      const std::uint32_t session = history_.transactions()[transaction].session;
      std::uint32_t at = transaction;
      while (at > 0 && history_.transactions()[--at].session != session) {
      }
      if (at < transaction && history_.transactions()[at].session == session) shown_.try_emplace(at, false);
      for (at = transaction + 1; at < count && history_.transactions()[at].session != session;) ++at;
      if (at < count) shown_.try_emplace(at, false);
    }
  }

  void place_columns() {
    for (const auto& [transaction, named] : shown_) {
      const auto [begin, end] = instants(history_, transaction);
      columns_[{begin, 1}] = columns_[{end, 2}] = 0;
    }
    int column = 0;
    for (auto& [instant, number] : columns_) number = column++;
  }

  /// The transaction that shows the fault: the last of the witness that read something.
  std::uint32_t marked() const {
    for (std::size_t i = anomaly_.transactions.size(); i-- > 0;) {
      for (const Event& event : history_.events(history_.transactions()[anomaly_.transactions[i]])) {
        if (event.is_read()) return anomaly_.transactions[i];
      }
    }
    return anomaly_.transactions.empty() ? UINT32_MAX : anomaly_.transactions.back();
  }

  void draw_lane(std::uint32_t session, int left, int y) {
    const int middle = y + kLane / 2;
    sheet_.text(kMargin, middle + 4, lane_name(session), "dim");
    sheet_.line(left, middle, left + (static_cast<int>(columns_.size()) + 1) * kColumn / 2, middle, "lane");
    for (const auto& [transaction, named] : shown_) {
      if (history_.transactions()[transaction].session != session) continue;
      const auto [begin, end] = instants(history_, transaction);
      const std::string name = why::name_of(history_, transaction);
      const int from = left + columns_.at({begin, 1}) * kColumn / 2;
      const int to = left + columns_.at({end, 2}) * kColumn / 2;
      const int width = std::max(to - from, width_in_pixels(name) + kPadding);
      const bool mark = transaction == marked();
      sheet_.box(from, middle - 14, width, 28, mark ? "box marked" : named ? "box" : "box faint");
      sheet_.text(from + width / 2, middle + 4, name, mark ? "middle strong bad" : named ? "middle" : "middle dim");
    }
  }

  void draw_legend(int y) {
    for (const Explanation::Part& part : explanation_.parts) {
      const bool mark = part.transaction == marked();
      for (const std::string& line : lines_of(history_, part)) {
        sheet_.text(kMargin, y, line, mark ? "bad" : "");
        y += kLine;
      }
      y += kLine / 2;
    }
  }

  const History& history_;
  const Anomaly& anomaly_;
  const Explanation explanation_;
  std::map<std::uint32_t, bool> shown_;                  // whether it is of the witness
  std::map<std::pair<std::int64_t, int>, int> columns_;  // ends stand behind beginnings of the same instant
  Sheet sheet_;
};

}  // namespace

std::string draw_cycle(const History& history, const Anomaly& anomaly, const why::Orders& orders) {
  const Explanation explanation = explain_parts(history, "", anomaly, orders);
  Sheet sheet;
  sheet.text(kMargin, kMargin + kLine, anomaly.name + ": " + explanation.cycle, "strong bad");
  std::vector<std::vector<std::string>> boxes;
  int width = 0;
  const std::vector<Step>& cycle = explanation.shortcut;
  for (const Step& step : cycle) {
    boxes.push_back(lines_of(history, part_of(explanation, step.from)));
    for (const std::string& line : boxes.back()) width = std::max(width, width_in_pixels(line) + 2 * kPadding);
    width = std::max(width, width_in_pixels(label_of(history, step)) + 4 * kPadding);
  }
  int y = kMargin + 2 * kLine;
  const int top = y + kLine;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const int height = static_cast<int>(boxes[i].size()) * kLine + kPadding;
    sheet.box(kMargin, y, width, height, "box");
    for (std::size_t line = 0; line < boxes[i].size(); ++line) {
      sheet.text(kMargin + kPadding, y + static_cast<int>(line + 1) * kLine - 2, boxes[i][line],
                 line == 0 ? "strong" : "");
    }
    y += height;
    if (i + 1 == boxes.size()) break;
    sheet.arrow(fmt::format("M{} {}V{}", kMargin + 2 * kPadding, y, y + kGap), "way");
    sheet.text(kMargin + 3 * kPadding, y + kGap / 2 + 4, label_of(history, cycle[i]), "dim");
    y += kGap;
  }
  const int right = kMargin + width;
  const int bottom = y - kLine;
  sheet.arrow(fmt::format("M{} {}H{}V{}H{}", right, bottom, right + 24, top, right + 2), "way back");
  sheet.text(right + 34, (top + bottom) / 2, label_of(history, cycle.back()), "bad");
  return sheet.finish(fmt::format("{}: {}", anomaly.name, explanation.cycle));
}

std::string draw_place(const History& history, const Anomaly& anomaly, const why::Orders& orders) {
  return Place(history, anomaly, orders).draw();
}

std::string draw(const History& history, const Anomaly& anomaly, const why::Orders& orders) {
  return anomaly.cycle.empty() ? draw_place(history, anomaly, orders) : draw_cycle(history, anomaly, orders);
}

}  // namespace tidemark::checkers
