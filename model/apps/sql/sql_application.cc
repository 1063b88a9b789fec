#include "model/apps/sql/sql_application.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/types/zipf.h"

namespace tidemark::model {
namespace {

std::int64_t between(std::int64_t low, std::int64_t high, sim::RandomStream& random) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low) + 1));
}

std::string letters(std::int64_t count, sim::RandomStream& random) {
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) text += static_cast<char>('a' + random.below(26));
  return text;
}

/// One client's half: draws a statement by weight, then its parameters in order.
class SqlUser final : public User {
 public:
  SqlUser(std::shared_ptr<const SqlWorkload> workload, ClientPlace place)
      : workload_(std::move(workload)), place_(place) {
    for (const SqlStatement& statement : workload_->statements) {
      total_ += statement.weight;
      for (const SqlParameter& parameter : statement.parameters) tables_.push_back(table_of(parameter.generator));
    }
    given_.resize(tables_.size());
    TIDEMARK_ASSERT(total_ > 0, "the loader wants a statement with a weight");
  }

  ActionBody next(sim::Instant now, sim::RandomStream& random) override {
    std::uint64_t ticket = random.below(total_);
    std::size_t first = 0;  // of the statement's parameters
    for (const SqlStatement& statement : workload_->statements) {
      if (ticket < statement.weight) return act(statement, first, now, random);
      ticket -= statement.weight;
      first += statement.parameters.size();
    }
    TIDEMARK_ASSERT(false, "a ticket belongs to a statement");
  }

 private:
  static Zipf table_of(const SqlGenerator& generator) {
    const bool zipf = generator.kind == SqlGenerator::Kind::kZipf;
    return zipf ? Zipf(static_cast<std::uint32_t>(generator.high - generator.low + 1), generator.exponent) : Zipf(1, 0);
  }

  ActionBody act(const SqlStatement& statement, std::size_t first, sim::Instant now, sim::RandomStream& random) {
    ActionBody action;
    action.name = statement.name;
    for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
      const SqlGenerator& generator = statement.parameters[i].generator;
      if (generator.kind == SqlGenerator::Kind::kZipf) {
        action.values.emplace_back(generator.low + tables_[first + i].sample(random));
      } else {
        action.values.push_back(generate(generator, place_, ++given_[first + i], now, random));
      }
    }
    return action;
  }

  const std::shared_ptr<const SqlWorkload> workload_;
  const ClientPlace place_;
  std::uint64_t total_ = 0;
  // By parameter, over all statements.
  std::vector<Zipf> tables_;
  std::vector<std::int64_t> given_;
};

}  // namespace

SqlValue generate(const SqlGenerator& generator, ClientPlace place, std::int64_t sequence, sim::Instant now,
                  sim::RandomStream& random) {
  using Kind = SqlGenerator::Kind;
  switch (generator.kind) {
    case Kind::kUniform:
      return between(generator.low, generator.high, random);
    case Kind::kZipf:
      break;  // has a table
    case Kind::kSequence:
      return sequence;
    case Kind::kUnique:
      return (sequence - 1) * std::int64_t{place.clients} + place.number + 1;
    case Kind::kText:
      return letters(between(generator.low, generator.high, random), random);
    case Kind::kChoice:
      return generator.choices[random.below(generator.choices.size())];
    case Kind::kClient:
      return std::int64_t{place.number};
    case Kind::kNow:
      return now.ns() / 1'000'000;
  }
  TIDEMARK_ASSERT(false, "no such generator");
}

SqlApplication::SqlApplication(std::shared_ptr<const SqlWorkload> workload) : workload_(std::move(workload)) {
  TIDEMARK_ASSERT(workload_ != nullptr);
  for (const SqlStatement& statement : workload_->statements) {
    std::vector<Prepared>& texts = prepared_[statement.name];
    for (const std::string& sql : statement.sql) {
      OrderedSql ordered = ordered_sql(sql);
      Prepared& prepared = texts.emplace_back();
      prepared.text = std::move(ordered.text);
      for (const OrderedSql::Name& name : ordered.names) {
        const auto of = std::find_if(statement.parameters.begin(), statement.parameters.end(),
                                     [&](const SqlParameter& p) { return p.name == name.name; });
        TIDEMARK_ASSERT(of != statement.parameters.end(), "the loader knows every :name");
        prepared.values.push_back(static_cast<std::size_t>(of - statement.parameters.begin()));
      }
    }
  }
}

std::vector<ActionShape> SqlApplication::actions() const {
  std::vector<ActionShape> shapes;
  for (const SqlStatement& statement : workload_->statements)
    shapes.push_back({statement.name, std::string(statement.parameters.size(), '*'), statement.writes});
  return shapes;
}

std::string SqlApplication::schema() const {
  return joined(workload_->schema);
}

std::unique_ptr<User> SqlApplication::user(ClientPlace place) const {
  return std::make_unique<SqlUser>(workload_, place);
}

std::vector<Assertion> SqlApplication::assertions() const {
  return workload_->assertions;
}

sim::Task<void> SqlApplication::handle(Call& call) const {
  const auto found = prepared_.find(call.action());
  TIDEMARK_ASSERT(found != prepared_.end(), "clients send what the scenario lists");
  std::vector<Statement> statements;
  for (const Prepared& prepared : found->second) {
    Statement statement;
    statement.sql = prepared.text;
    for (const std::size_t index : prepared.values) statement.params.push_back(call.value(index));
    statements.push_back(std::move(statement));
  }
  const std::size_t count = statements.size();
  const bool done = co_await call.batch(std::move(statements));
  if (!done) co_return;
  for (std::size_t i = 0; i < count; ++i) call.show(call.rows(i));
}

}  // namespace tidemark::model
