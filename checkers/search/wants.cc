#include "checkers/search/wants.h"

#include <algorithm>

namespace tidemark::checkers::search {
namespace {

class WantFinder {
 public:
  WantFinder(WantSources& sources, ContentMap& wanted, Wants& wants)
      : sources_(sources), history_(sources.history), wanted_(wanted), wants_(wants) {}

  void run() {
    wants_.producers = static_cast<std::uint32_t>(sources_.producers.size());
    for (std::vector<std::uint64_t>& lengths : sources_.text_lengths) {
      std::sort(lengths.begin(), lengths.end());
      lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
    }
    const std::size_t read = wants_.states.size();
    for (std::uint32_t state = 0; state < read; ++state) follow(state, *sources_.events[state]);
    std::stable_sort(links_.begin(), links_.end(), [](const Link& a, const Link& b) { return a.state < b.state; });
    fill(&Link::state, &Link::producer, wants_.states.size(), wants_.producers_of_first, wants_.producers_of);
    std::stable_sort(links_.begin(), links_.end(),
                     [](const Link& a, const Link& b) { return a.producer < b.producer; });
    fill(&Link::producer, &Link::state, wants_.producers, wants_.states_of_first, wants_.states_of);
  }

 private:
  struct Link {
    std::uint32_t state = 0;
    std::uint32_t producer = 0;
  };

  void fill(std::uint32_t Link::*from, std::uint32_t Link::*to, std::size_t count, std::vector<std::uint32_t>& first,
            std::vector<std::uint32_t>& all) const {
    first.assign(count + 1, 0);
    for (const Link& link : links_) ++first[link.*from + 1];
    for (std::size_t i = 0; i < count; ++i) first[i + 1] += first[i];
    for (const Link& link : links_) all.push_back(link.*to);
  }

  // The state, and the chain of those that it grew from as far as nobody has followed it.
  void follow(std::uint32_t state, const Event& event) {
    const Shape shape = sources_.shapes[wants_.states[state].key];
    if (shape == Shape::kList) {
      begin_list(history_.elements(event));
    } else if (shape == Shape::kText && !sources_.text_lengths.empty()) {
      begin_text(text_of(history_, event.kind == EventKind::kCas ? history_.expected(event) : event.value));
    } else {
      note_whole(state);
      return;
    }
    std::size_t length = prefixes_.size() - 1;
    while (state != kNone) state = step_down(state, shape, length);
  }

  void begin_list(std::span<const Value> elements) {
    prefixes_.assign(1, Run{});
    pieces_.clear();
    for (const Value value : elements) {
      Run piece;
      piece.add_value(value);
      pieces_.push_back(piece.content);
      prefixes_.push_back(prefixes_.back());
      prefixes_.back().add_value(value);
    }
  }

  void begin_text(const std::string& text) {
    prefixes_.assign(1, Run{});
    for (const char c : text) {
      prefixes_.push_back(prefixes_.back());
      prefixes_.back().add_char(c);
    }
  }

  // Producers that make the whole content. The number of changes that are such.
  std::uint32_t note_whole(std::uint32_t state) {
    const Wants::State& of = wants_.states[state];
    std::uint32_t changes = note(state, {of.key, Way::kPut, of.content});
    if (of.content == Content{}) changes += note(state, {of.key, Way::kReset, {}});
    return changes;
  }

  // Finds the producers of `state`, which is the prefix of this length. The state before it, if that is new.
  std::uint32_t step_down(std::uint32_t state, Shape shape, std::size_t& length) {
    const std::uint32_t key = wants_.states[state].key;
    const std::uint32_t whole = note_whole(state);
    std::uint32_t changes = whole;
    std::uint32_t ways = 0;
    std::size_t shorter = 0;
    if (shape == Shape::kList && length > 0) {
      const std::uint32_t found = note(state, {key, Way::kExtend, pieces_[length - 1]});
      changes += found;
      ways = found != 0 ? 1 : 0;
      shorter = length - 1;
    }
    if (shape == Shape::kText) {
      for (const std::uint64_t piece : sources_.text_lengths[key]) {
        if (piece > length) break;
        const std::uint32_t found = note(state, {key, Way::kExtend, piece_of(length, piece)});
        if (found == 0) continue;
        changes += found;
        ++ways;
        shorter = length - piece;
      }
    }
    wants_.states[state].once = changes == 1;
    if (whole != 0 || ways != 1) return kNone;
    length = shorter;
    return link_to_parent(state, key, prefixes_[length].content);
  }

  std::uint32_t link_to_parent(std::uint32_t state, std::uint32_t key, const Content& content) {
    const auto next = static_cast<std::uint32_t>(wants_.states.size());
    const auto [place, added] = wanted_.try_emplace({key, Way::kPut, content}, next);
    if (added) wants_.states.push_back({key, content});
    wants_.states[state].parent = place->second;
    return added ? next : kNone;
  }

  // The last `piece` places of the prefix.
  Content piece_of(std::size_t length, std::size_t piece) const {
    const Run& whole = prefixes_[length];
    const Run& front = prefixes_[length - piece];
    const Run& scale = prefixes_[piece];  // the powers go with the number of places alone
    return {plus(whole.content.a, kPrime - times(front.content.a, scale.scale_a)),
            plus(whole.content.b, kPrime - times(front.content.b, scale.scale_b)), piece};
  }

  std::uint32_t note(std::uint32_t state, const KeyContent& at) {
    const auto found = sources_.producers.find(at);
    if (found == sources_.producers.end()) return 0;
    links_.push_back({state, found->second.id});
    return found->second.changes;
  }

  WantSources& sources_;
  const History& history_;
  ContentMap& wanted_;
  Wants& wants_;
  std::vector<Link> links_;
  std::vector<Run> prefixes_;    // of the list or text at hand, by length
  std::vector<Content> pieces_;  // of a list: its elements
};

}  // namespace

std::string text_of(const History& history, Value value) {
  if (value.is_nil()) return {};
  return value.is_text() ? history.text(value) : std::to_string(value.number());
}

void find_wants(WantSources sources, ContentMap& wanted, Wants& wants) {
  WantFinder(sources, wanted, wants).run();
}

}  // namespace tidemark::checkers::search
