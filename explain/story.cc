#include "explain/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/assert.h"

namespace tidemark::explain {
namespace {

/// How much a line matters for the violation. What is above kFiller is told as long as there is room.
namespace score {
constexpr int kViolation = 100;
constexpr int kNeededFault = 90;
constexpr int kChain = 80;
constexpr int kTurn = 75;
constexpr int kFault = 72;
constexpr int kSubject = 70;
constexpr int kSession = 60;
constexpr int kFaultEnds = 50;
constexpr int kFiller = 40;
constexpr int kNothing = 0;
}  // namespace score

/// So far back along the scheduling causes everything matters.
constexpr std::size_t kChainLength = 16;
/// What several nodes do for the same reason becomes one line when it happens within so much time.
constexpr sim::Duration kSameTime = sim::Duration::seconds(1);
constexpr std::size_t kRecent = 64;  // lines among which such are looked for
constexpr std::size_t kRounds = 5;
/// Less than so many lines are filled up with what else happened to the log.
constexpr std::size_t kFewLines = 16;

/// Line numbers (places in narrator.lines()) with what they are worth.
struct Choice {
  std::size_t place = 0;
  int worth = 0;
};

class Teller {
 public:
  Teller(const Narrator& narrator, const Violation& violation, const StoryOptions& options)
      : narrator_(narrator),
        violation_(violation),
        options_(options),
        past_(causal_past(narrator.events(), violation.event)) {
    find_load();
    find_chain();
    find_subjects();
  }
  Story tell() const;

 private:
  void find_load();
  void find_chain();
  void find_subjects();
  bool fault_matters(std::uint64_t id) const;
  bool concerns(const Line& line) const;
  bool is_subject(const Line& line) const;
  int worth_of(const Line& line) const;
  int worth_of_fault(const Line& line) const;
  std::vector<std::size_t> choose(std::size_t most, Story& story) const;
  std::uint64_t cause_of(std::uint64_t event) const { return narrator_.events()[event - 1].cause; }
  std::vector<StoryLine> number(const std::vector<std::size_t>& chosen) const;
  std::vector<std::string> clients(const std::vector<std::size_t>& chosen) const;

  const Narrator& narrator_;
  const Violation& violation_;
  const StoryOptions& options_;
  const std::vector<bool> past_;
  sim::Instant load_;  // when clients began: how the cluster was set up is told only where it matters otherwise
  std::set<std::uint64_t> chain_;    // events
  std::set<std::uint64_t> entries_;  // what the violation is about
  std::set<std::uint32_t> sessions_;
};

void Teller::find_load() {
  for (const Line& line : narrator_.lines()) {
    if (line.session == 0 || narrator_.nodes()[line.process].role != model::NodeRole::kClient) continue;
    load_ = line.when;
    return;
  }
}

void Teller::find_chain() {
  std::uint64_t event = violation_.event;
  for (std::size_t i = 0; i < kChainLength && event != 0; ++i, event = cause_of(event)) chain_.insert(event);
}

/// Entries and sessions that the witness names, or that the violating event is about.
void Teller::find_subjects() {
  const std::string& witness = violation_.verdict.witness;
  for (std::size_t at = 0; at + 17 <= witness.size(); ++at) {
    unsigned epoch = 0, sequence = 0;
    int length = 0;
    const bool starts = at == 0 || std::isxdigit(static_cast<unsigned char>(witness[at - 1])) == 0;
    if (!starts || std::sscanf(witness.c_str() + at, "%8x-%8x%n", &epoch, &sequence, &length) != 2) continue;
    if (length == 17) entries_.insert(std::uint64_t{epoch} << 32 | sequence);
  }
  for (std::size_t at = witness.find("ession "); at != std::string::npos; at = witness.find("ession ", at + 1)) {
    unsigned session = 0;
    if (std::sscanf(witness.c_str() + at, "ession %u", &session) == 1) sessions_.insert(session);
  }
  for (const Line& line : narrator_.lines()) {
    if (line.event != violation_.event || line.rank > Rank::kKey) continue;
    if (line.entry != 0) entries_.insert(line.entry);
    if (line.session != 0) sessions_.insert(line.session);
  }
}

/// It struck before the violation, and hit something of which an event is in the past (or no process).
bool Teller::fault_matters(std::uint64_t id) const {
  const auto& faults = narrator_.faults();
  const auto fault = std::find_if(faults.begin(), faults.end(), [id](const auto& one) { return one.id == id; });
  if (fault == faults.end()) return true;
  bool any_process = false;
  for (std::size_t process = 1; process < narrator_.nodes().size(); ++process) {
    const Narrator::Node& node = narrator_.nodes()[process];
    const bool hit = std::any_of(fault->targets.begin(), fault->targets.end(), [&](const std::string& target) {
      return target == node.name || target.find(":" + node.name + ">") != std::string::npos ||
             (target.rfind("link:", 0) == 0 && target.ends_with(">" + node.name));
    });
    any_process = any_process || hit;
    if (hit && (node.database < 0 || violation_.database < 0 || node.database == violation_.database)) return true;
  }
  return !any_process;
}

bool Teller::concerns(const Line& line) const {
  if (line.event > violation_.event) return false;
  if (line.fault != 0) return fault_matters(line.fault);
  const bool other_database = line.database >= 0 && violation_.database >= 0 && line.database != violation_.database;
  return !other_database && line.event > 0 && past_[line.event - 1];
}

bool Teller::is_subject(const Line& line) const {
  const auto first = entries_.lower_bound(line.first);
  return line.entry != 0 && first != entries_.end() && *first <= line.entry;
}

int Teller::worth_of_fault(const Line& line) const {
  if (options_.needed.contains(line.fault)) return score::kNeededFault;
  if (options_.irrelevant.contains(line.fault)) return score::kNothing;
  return line.ends ? score::kFaultEnds : score::kFault;
}

int Teller::worth_of(const Line& line) const {
  if (line.event == violation_.event) return score::kViolation;
  if (line.fault != 0) return worth_of_fault(line);
  if (line.rank != Rank::kDetail && chain_.contains(line.event)) return score::kChain;
  if (line.rank == Rank::kTurn) return line.when < load_ ? score::kNothing : score::kTurn;
  if (is_subject(line)) return line.rank == Rank::kDetail || line.when < load_ ? score::kFiller - 1 : score::kSubject;
  if (line.session != 0 && sessions_.contains(line.session)) return score::kSession;
  if (line.rank == Rank::kKey && line.session == 0) return score::kFiller;
  return score::kNothing;
}

std::vector<std::size_t> Teller::choose(std::size_t most, Story& story) const {
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < narrator_.lines().size(); ++i)
    if (concerns(narrator_.lines()[i])) choices.push_back({i, worth_of(narrator_.lines()[i])});
  story.lines_of_past = choices.size();
  std::vector<std::size_t> chosen;
  if (!options_.full) {
    std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
      return a.worth != b.worth ? a.worth > b.worth : a.place > b.place;
    });
  }
  for (const Choice& choice : choices) {
    const bool filler = choice.worth <= score::kFiller;
    const std::size_t room = filler ? kFewLines : most;
    const bool wanted = options_.full || (choice.worth > score::kNothing && chosen.size() < room);
    if (wanted) chosen.push_back(choice.place);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

/// Lines that say the same of several nodes, for the same reason, become one.
std::vector<StoryLine> Teller::number(const std::vector<std::size_t>& chosen) const {
  std::vector<StoryLine> lines;
  std::map<std::uint64_t, std::uint32_t> of_event;  // the last line of an event
  for (const std::size_t place : chosen) {
    const Line& line = narrator_.lines()[place];
    const auto recent = lines.end() - static_cast<std::ptrdiff_t>(std::min(lines.size(), kRecent));
    const bool said = std::any_of(
        recent, lines.end(), [&](const StoryLine& one) { return one.event == line.event && one.text == line.text; });
    if (said) continue;
    std::uint32_t because = 0;
    for (std::uint64_t cause = cause_of(line.event); cause != 0 && because == 0; cause = cause_of(cause))
      if (const auto known = of_event.find(cause); known != of_event.end()) because = known->second;
    const auto same = std::find_if(recent, lines.end(), [&](const StoryLine& one) {
      return one.text == line.text && one.because == because && because != 0 && one.event != line.event &&
             line.event != violation_.event && line.when - one.when <= kSameTime;
    });
    if (same != lines.end()) {
      const std::string& node = narrator_.nodes()[line.process].name;
      if ((", " + same->node + ",").find(" " + node + ",") == std::string::npos) same->node += ", " + node;
      of_event[line.event] = same->number;
      continue;
    }
    StoryLine told;
    told.number = static_cast<std::uint32_t>(lines.size() + 1);
    told.because = because;
    told.event = line.event;
    told.when = line.when;
    told.node = line.fault != 0 ? "nemesis" : narrator_.nodes()[line.process].name;
    told.text = line.text;
    told.fault = line.fault != 0;
    lines.push_back(told);
    of_event[line.event] = told.number;
  }
  return lines;
}

std::vector<std::string> Teller::clients(const std::vector<std::size_t>& chosen) const {
  std::set<std::uint32_t> concerned = sessions_;
  for (const std::size_t place : chosen) {
    const Line& line = narrator_.lines()[place];
    if (line.session != 0 && is_subject(line)) concerned.insert(line.session);
  }
  std::vector<std::string> named;
  for (const std::uint32_t session : concerned) {
    const auto asked = std::find_if(narrator_.lines().begin(), narrator_.lines().end(), [&](const Line& line) {
      return line.session == session && narrator_.nodes()[line.process].role == model::NodeRole::kClient;
    });
    if (asked != narrator_.lines().end())
      named.push_back(fmt::format("session {} ({})", session, narrator_.nodes()[asked->process].name));
  }
  return named;
}

Story Teller::tell() const {
  Story story;
  story.all_events = violation_.event;
  story.past_events = static_cast<std::uint64_t>(std::count(past_.begin(), past_.end(), true));
  std::vector<std::size_t> chosen = choose(options_.most, story);
  story.lines = number(chosen);
  // Lines that became one make room for others.
  std::size_t most = options_.most;
  for (std::size_t round = 0; round < kRounds && story.lines.size() < options_.most && chosen.size() == most; ++round) {
    most += options_.most - story.lines.size();
    std::vector<std::size_t> more = choose(most, story);
    std::vector<StoryLine> lines = number(more);
    if (lines.size() > options_.most) break;
    chosen = std::move(more);
    story.lines = std::move(lines);
  }
  story.clients = clients(chosen);
  return story;
}

}  // namespace

std::vector<bool> causal_past(const std::vector<Narrator::Event>& events, std::uint64_t event) {
  std::vector<bool> past(events.size(), false);
  if (event == 0) return past;
  TIDEMARK_ASSERT(event <= events.size());
  past[event - 1] = true;
  // Causes come before what they cause, so one pass backwards is enough.
  for (std::uint64_t at = event; at > 0; --at) {
    if (!past[at - 1]) continue;
    for (const std::uint64_t cause : {events[at - 1].cause, events[at - 1].previous}) {
      TIDEMARK_ASSERT(cause < at, "an event cannot be caused by a later one");
      if (cause != 0) past[cause - 1] = true;
    }
  }
  return past;
}

Story tell(const Narrator& narrator, const Violation& violation, const StoryOptions& options) {
  return Teller(narrator, violation, options).tell();
}

}  // namespace tidemark::explain
