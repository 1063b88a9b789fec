#include <fmt/core.h>

#include <filesystem>
#include <map>

#include "base/digest.h"
#include "hunt/results.h"

namespace tidemark::hunt {
namespace {

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  return text;
}

void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(path + ending, ignored);
}

}  // namespace

std::string export_header(const Campaign& campaign) {
  return fmt::format(
      "tidemark-hunt\t1\nscenario\t{}\t{}\noptions\t{}\ncommit\t{}\nsqlite\t{}\n"
      "seed\tverdict\tcode\tdigest\ttwice\tevents\toperations\tvirtual_s\tclass\tother_digest\n",
      one_line(campaign.scenario), digest_text(campaign.resolved).hex(), one_line(campaign.options), campaign.commit,
      campaign.sqlite);
}

std::string export_line(const Outcome& outcome) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", outcome.seed, outcome.verdict, outcome.code,
                     outcome.digest, outcome.twice ? 1 : 0, outcome.events, outcome.operations, outcome.virtual_seconds,
                     outcome.failure ? one_line(outcome.failure->text()) : "", outcome.other_digest);
}

std::string export_line(const SteeredRun& row) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", row.run, row.seed, row.way, row.parent,
                     row.plan.empty() ? "" : digest_text(row.plan).hex(), digest_text(row.reached).hex(), row.how);
}

std::string export_text(const Results& results) {
  std::string text = export_header(results.campaign());
  results.each([&text](const Outcome& outcome) { text += export_line(outcome); });
  if (results.campaign().steered) text += "run\tseed\tway\tparent\tplan\treached\thow\n";
  results.each_steered([&text](const SteeredRun& row, bool) { text += export_line(row); });
  return text;
}

std::vector<Contradiction> merge_results(const std::string& out, const std::vector<std::string>& files) {
  if (files.empty()) throw ResultsError("there is nothing to merge");
  if (std::filesystem::exists(out)) throw ResultsError(out + ": exists already");
  std::map<std::uint64_t, std::pair<std::string, Outcome>> all;
  std::map<std::uint64_t, SteeredRun> steered;
  std::vector<Contradiction> contradictions;
  Campaign campaign;
  for (const std::string& file : files) {
    const Results part(file);
    if (&file == &files.front()) campaign = part.campaign();
    const std::string difference = part.campaign().difference_to(campaign);
    if (!difference.empty())
      throw ResultsError(fmt::format("{}: is of another campaign than {}: {}", file, files.front(), difference));
    part.each([&](const Outcome& outcome) {
      const auto [known, is_new] = all.emplace(outcome.seed, std::pair(file, outcome));
      const auto& [first_file, first] = known->second;
      if (!is_new && export_line(first) != export_line(outcome))
        contradictions.push_back({outcome.seed, first_file, file, first, outcome});
    });
    part.each_steered([&](const SteeredRun& row, bool) {
      const auto [known, is_new] = steered.emplace(row.run, row);
      if (is_new || known->second == row) return;
      const auto& [first_file, first] = all.at(row.run);
      contradictions.push_back({row.run, first_file, file, first, first});
    });
  }
  if (!contradictions.empty()) return contradictions;
  // A kill leaves no half of a file under its name.
  const std::string partial = out + ".partial";
  remove_database(partial);
  {
    Results merged(partial, campaign);
    for (const auto& [seed, entry] : all) merged.add(entry.second, campaign.steered ? &steered.at(seed) : nullptr);
    merged.commit();
  }
  std::filesystem::rename(partial, out);
  return {};
}

}  // namespace tidemark::hunt
