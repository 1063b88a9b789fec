#include "model/apps/bookstore/search_truth.h"

#include <algorithm>
#include <vector>

#include "model/apps/bookstore/shown.h"
#include "model/apps/bookstore/store_sql.h"

namespace tidemark::model::bookstore {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char raw : text) {
    const char c = lower(raw);
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (part && !inside) words.emplace_back();
    if (part) words.back() += c;
    inside = part;
  }
  return words;
}

/// Where the action gives a book its title; nothing otherwise.
const std::string* title_of(const ActionBody& action) {
  const std::size_t index = action.name == "retitle" ? 1 : action.name == "publish" ? 2 : action.values.size();
  return index < action.values.size() ? std::get_if<std::string>(&action.values[index]) : nullptr;
}

}  // namespace

bool has_phrase(std::string_view text, std::string_view phrase) {
  const std::vector<std::string> words = words_of(text), wanted = words_of(phrase);
  return !wanted.empty() && std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

void SearchTruth::begun(const ActionBody& action) {
  if (title_of(action) == nullptr) return;
  Title& own = titles_[number_of(action, 0)];
  if (own.under_way++ > 0) own.uncertain = true;  // nobody is told which of them came last
}

void SearchTruth::ended(const EndedAction& action, const Truths::Broken& broken) {
  if (const std::string* const title = title_of(action.action)) {
    Title& own = titles_[number_of(action.action, 0)];
    if (own.under_way > 0) --own.under_way;
    if (action.outcome == ActionOutcome::kUnknown) own.uncertain = true;
    if (action.outcome == ActionOutcome::kOk) {
      own.newest = *title;
      own.session = action.session;
    }
    return;
  }
  if (action.action.name == "search" && action.outcome == ActionOutcome::kOk) see(action, broken);
}

/// Columns id, name, author, category.
void SearchTruth::see(const EndedAction& search, const Truths::Broken& broken) const {
  const auto* const phrase =
      search.action.values.empty() ? nullptr : std::get_if<std::string>(&search.action.values[0]);
  if (phrase == nullptr) return;
  const std::string what = "the search for \"" + *phrase + "\" by session " + std::to_string(search.session) + " at " +
                           sim::to_text(search.completed);
  const ResultSetRef rows = result(search.shown, 0);
  std::map<std::int64_t, std::string> found;  // names by book
  for (std::uint32_t row = 0; row < row_count(rows); ++row) {
    const std::int64_t book = number_at(rows, row, 0);
    found[book] = text_at(rows, row, 1);
    const bool matches = has_phrase(text_at(rows, row, 1), *phrase) || has_phrase(text_at(rows, row, 2), *phrase) ||
                         has_phrase(text_at(rows, row, 3), *phrase);
    if (!matches)
      broken(kShowsMatches, what + " shows book " + std::to_string(book) + " (\"" + text_at(rows, row, 1) + "\" by " +
                                text_at(rows, row, 2) + ", " + text_at(rows, row, 3) + "), which does not match");
  }
  if (row_count(rows) >= kListLength || search.made_up) return;
  for (const auto& [book, title] : titles_) {
    const bool due = title.session == search.session && title.under_way == 0 && !title.uncertain &&
                     has_phrase(title.newest, *phrase);
    if (!due || (found.contains(book) && found[book] == title.newest)) continue;
    broken(kFindsChanges, what + " does not find book " + std::to_string(book) +
                              ", which the session had given the title \"" + title.newest + "\"");
  }
}

}  // namespace tidemark::model::bookstore
