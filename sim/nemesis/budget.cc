#include "sim/nemesis/budget.h"

#include <algorithm>
#include <set>

namespace tidemark::sim {
namespace {

using Excess = std::optional<BudgetExcess>;

/// One node that a fault takes away for a time.
struct Charge {
  enum class What : std::uint8_t { kDown, kDestroyed, kOutage, kForGood };
  What what = What::kDown;
  const Fault* fault = nullptr;
  std::string node;  // "primary@db-a" for a host that is not known yet
  Instant begin;
  Instant end;
};

struct Span {
  Instant begin;
  Instant end;
};

Span span_of(const Fault& fault, Duration phase) {
  const Instant phase_end = Instant{} + phase;
  if (fault.start.on != FaultStart::On::kTime) return {Instant{}, phase_end};
  const Instant begin = Instant{} + fault.start.after;
  // The kill of P4 comes at an act, so at any time after the beginning.
  const bool to_the_end =
      fault.kind == FaultKind::kP4 || fault.duration == kUntilHeal || fault.duration > phase_end - begin;
  return {begin, std::max(begin, to_the_end ? phase_end : begin + fault.duration)};
}

bool loses_power(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kP2:
    case FaultKind::kD10:
    case FaultKind::kD11:
    case FaultKind::kD12:
    case FaultKind::kD13:
    case FaultKind::kD14:
    case FaultKind::kD15:
    case FaultKind::kD23:
    case FaultKind::kD24:
    case FaultKind::kR1:
    case FaultKind::kR2:
      return true;
    case FaultKind::kR4:
      return fault.word("how") == "power";
    case FaultKind::kP4:
      return fault.word("power") == "lose";
    default:
      return false;
  }
}

/// What is hit is dead, not only slow or out of reach.
bool kills(FaultKind kind) {
  const FaultKindInfo& row = info(kind);
  return row.shape == FaultShape::kOutage && kind != FaultKind::kP6 && kind != FaultKind::kP7;
}

class Ledger {
 public:
  Ledger(const FaultPlan& plan, const Topology& topology, const BudgetOptions& options)
      : plan_(plan), topology_(topology), options_(options) {}

  Excess check() {
    for (const Fault& fault : plan_.faults)
      if (Excess found = alone(fault)) return found;
    for (const Fault& fault : plan_.faults) add(fault);
    prolong_repairs();
    for (const std::string& database : topology_.databases()) {
      if (Excess found = followers(database)) return found;
      if (Excess found = hosts(database)) return found;
    }
    return lies();
  }

 private:
  const TopologyNode* node_of(const std::string& selector) const { return topology_.find(selector); }
  bool is(const std::string& selector, FaultRole role) const {
    if (selector.rfind("primary@", 0) == 0) return role == kRolePrimary;
    const TopologyNode* node = node_of(selector);
    return node != nullptr && node->role == role;
  }
  static Excess refuse(std::vector<const Fault*> faults, const std::string& why) {
    BudgetExcess excess;
    std::sort(faults.begin(), faults.end(), [](const Fault* a, const Fault* b) { return a->id < b->id; });
    faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
    for (const Fault* fault : faults) {
      excess.sentence += (excess.sentence.empty() ? "" : " and ") + fault->title();
      excess.faults.push_back(fault->id);
    }
    excess.sentence += ": " + why + "; say beyond_budget = true if that is meant";
    return excess;
  }

  // --- What one instance must not do. ---

  Excess alone(const Fault& fault) const {
    const FaultCost cost = info(fault.kind).cost;
    for (const std::string& target : fault.targets) {
      const bool leads = is(target, kRolePrimary) || is(target, kRoleControl);
      if (cost == FaultCost::kUndetectable && is(target, kRoleFollower))
        return refuse({&fault}, target + " would vouch for entries that it has lost without knowing");
      if (fault.kind == FaultKind::kP7 && leads)
        return refuse({&fault}, "the monotonic clock of " + target + " would stop, and read leases rely on it");
      if (fault.kind == FaultKind::kC2 && leads && fault.number("rate") > options_.lease_drift)
        return refuse({&fault}, "the clock of " + target + " would drift by more than 1 %, and read leases rely on it");
      if (cost == FaultCost::kRelay && !on_relay(target))
        return refuse({&fault}, target +
                                    " is no link of the relay: only hosts, followers and replicas are meant to bear "
                                    "copied, stale or reordered messages");
    }
    if (cost == FaultCost::kTransfer && fault.word("where") == "stored")
      return refuse({&fault}, "what the object store holds is the only copy of old entries");
    return {};
  }
  bool on_relay(const std::string& selector) const {
    Target target;
    if (!parse_target(selector, topology_, target) || target.kind != Target::Kind::kLink) return true;
    for (const std::string& end : {target.from, target.to})
      if (!is(end, kRolePrimary) && !is(end, kRoleFollower) && !is(end, kRoleReplica)) return false;
    return true;
  }

  // --- Charges. ---

  void charge(Charge::What what, const Fault& fault, const std::string& node, Span span) {
    charges_.push_back({what, &fault, node, span.begin, span.end});
  }
  void add(const Fault& fault) {
    const Span span = span_of(fault, plan_.phase);
    switch (info(fault.kind).cost) {
      case FaultCost::kNothing:
        if (fault.kind == FaultKind::kR7) charge_targets(Charge::What::kDown, fault, span);
        break;
      case FaultCost::kUnreachable:
        if (fault.kind == FaultKind::kR3) {
          rolling(fault, span);
        } else {
          charge_targets(Charge::What::kDown, fault, longer_by_restart(fault, span));
        }
        break;
      case FaultCost::kLease:
        if (fault.kind == FaultKind::kP7) charge_targets(Charge::What::kDown, fault, span);
        break;
      case FaultCost::kSplit:
        split(fault, span);
        break;
      case FaultCost::kLastTwo:
        for (std::size_t i = fault.targets.size() > 2 ? fault.targets.size() - 2 : 0; i < fault.targets.size(); ++i)
          charge(Charge::What::kDown, fault, fault.targets[i], span);
        break;
      case FaultCost::kWholeOutage:
        charge_targets(Charge::What::kOutage, fault, span);
        break;
      case FaultCost::kDestroys:
        charge_targets(Charge::What::kDestroyed, fault, {span.begin, span.end + options_.recovery_margin});
        break;
      case FaultCost::kHostForGood:
        charge_targets(Charge::What::kForGood, fault, {span.begin, Instant::max()});
        break;
      case FaultCost::kUndetectable:
      case FaultCost::kLies:
      case FaultCost::kRelay:
      case FaultCost::kTransfer:
        break;
    }
  }
  static Span longer_by_restart(const Fault& fault, Span span) {
    if (fault.kind == FaultKind::kD15 || fault.kind == FaultKind::kP5) span.end = span.end + fault.span("down");
    return span;
  }
  void charge_targets(Charge::What what, const Fault& fault, Span span) {
    for (const std::string& selector : fault.targets) {
      Target target;
      if (!parse_target(selector, topology_, target)) continue;
      if (target.kind == Target::Kind::kLink) {
        for (const std::string& end : {target.from, target.to})
          if (is(end, kRoleFollower)) charge(what, fault, end, span);
      } else {
        charge(what, fault, selector, span);
      }
    }
  }
  void rolling(const Fault& fault, Span span) {
    const bool triggered = fault.start.on != FaultStart::On::kTime;
    Instant begin = span.begin;
    for (const std::string& target : fault.targets) {
      charge(Charge::What::kDown, fault, target, triggered ? span : Span{begin, begin + fault.span("down")});
      begin = begin + fault.span("gap");
    }
  }
  /// The followers of the smaller side of each database.
  void split(const Fault& fault, Span span) {
    for (const std::string& database : topology_.databases()) {
      std::vector<std::string> inside;
      std::vector<std::string> outside;
      for (const TopologyNode* node : topology_.of_role(kRoleFollower, database)) {
        const bool hit = std::find(fault.targets.begin(), fault.targets.end(), node->name) != fault.targets.end();
        (hit ? inside : outside).push_back(node->name);
      }
      for (const std::string& node : inside.size() <= outside.size() ? inside : outside)
        charge(Charge::What::kDown, fault, node, span);
    }
  }
  /// Repair does not go on while a whole outage of the same database lasts.
  void prolong_repairs() {
    std::vector<Charge> outages;
    for (const Charge& charge : charges_)
      if (charge.what == Charge::What::kOutage && is(charge.node, kRoleFollower)) outages.push_back(charge);
    std::sort(outages.begin(), outages.end(), [](const Charge& a, const Charge& b) { return a.begin < b.begin; });
    for (Charge& charge : charges_) {
      if (charge.what != Charge::What::kDestroyed) continue;
      for (const Charge& outage : outages)
        if (outage.begin < charge.end && outage.end > charge.begin)
          charge.end = std::max(charge.end, outage.end + options_.recovery_margin);
    }
  }

  // --- Charges together. ---

  Excess followers(const std::string& database) const {
    const std::size_t members = topology_.of_role(kRoleFollower, database).size();
    for (const Charge& at : charges_) {
      if (at.what == Charge::What::kOutage) continue;
      std::set<std::string> gone;
      std::vector<const Fault*> faults;
      for (const Charge& charge : charges_) {
        const TopologyNode* node = node_of(charge.node);
        if (charge.what == Charge::What::kOutage || node == nullptr || node->role != kRoleFollower ||
            node->database != database || charge.begin > at.begin || charge.end <= at.begin)
          continue;
        gone.insert(charge.node);
        faults.push_back(charge.fault);
      }
      if (gone.size() > options_.lost_followers)
        return refuse(faults, std::to_string(gone.size()) + " of the " + std::to_string(members) + " followers of " +
                                  database + " (" + joined(gone) + ") would be lost, cut off or in repair at " +
                                  to_text(at.begin.since_start()) + ", and it promises to survive the loss of " +
                                  std::to_string(options_.lost_followers));
    }
    return {};
  }
  Excess hosts(const std::string& database) const {
    const std::size_t members = topology_.of_role(kRolePrimary, database).size();
    if (members == 0) return {};
    for (const Charge& at : charges_) {
      std::set<std::string> dead;
      std::vector<const Fault*> faults;
      bool for_good = false;
      for (const Charge& charge : charges_) {
        if (!host_of(charge.node, database) || charge.begin > at.begin || charge.end <= at.begin) continue;
        const bool good = charge.what == Charge::What::kForGood;
        if (!good && (charge.what == Charge::What::kOutage || !kills(charge.fault->kind))) continue;
        for_good = for_good || good;
        // A primary that is named by its role may be another host each time.
        const bool named = node_of(charge.node) != nullptr;
        dead.insert(named ? charge.node : charge.node + " of fault " + std::to_string(charge.fault->id));
        faults.push_back(charge.fault);
      }
      if (dead.size() >= members && (members > 1 || for_good))
        return refuse(faults, "no host would be left to run the primary of " + database + " at " +
                                  to_text(at.begin.since_start()) + " (it has " + std::to_string(members) + ")");
    }
    return {};
  }
  bool host_of(const std::string& selector, const std::string& database) const {
    if (selector == "primary@" + database) return true;
    const TopologyNode* node = node_of(selector);
    return node != nullptr && node->role == kRolePrimary && node->database == database;
  }
  /// D7 and a loss of power of the same follower.
  Excess lies() const {
    for (const Fault& lie : plan_.faults) {
      if (info(lie.kind).cost != FaultCost::kLies) continue;
      Span lying = span_of(lie, plan_.phase);
      lying.end = lying.end + options_.recovery_margin;
      for (const Fault& loss : plan_.faults) {
        const Span lost = span_of(loss, plan_.phase);
        if (!loses_power(loss) || lost.begin > lying.end || lost.end < lying.begin) continue;
        for (const std::string& target : lie.targets) {
          const bool both = std::find(loss.targets.begin(), loss.targets.end(), target) != loss.targets.end();
          if (both && is(target, kRoleFollower))
            return refuse({&lie, &loss}, target + " would lose entries that it has acked, because its syncs lied");
        }
      }
    }
    return {};
  }
  static std::string joined(const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  const FaultPlan& plan_;
  const Topology& topology_;
  const BudgetOptions& options_;
  std::vector<Charge> charges_;
};

}  // namespace

std::optional<BudgetExcess> FaultBudget::excess(const FaultPlan& plan, const Topology& topology) const {
  return Ledger(plan, topology, options_).check();
}

std::optional<BudgetExcess> FaultBudget::check(const FaultPlan& plan, const Topology& topology) const {
  if (plan.beyond_budget) return {};
  return excess(plan, topology);
}

}  // namespace tidemark::sim
