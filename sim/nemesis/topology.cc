#include "sim/nemesis/topology.h"

#include <algorithm>
#include <charconv>

namespace tidemark::sim {
namespace {

struct Group {
  const char* plural;
  const char* any;  // "replica:any"
  FaultRole role;
};
constexpr Group kGroups[] = {
    {"hosts", "host:any", kRolePrimary},       {"followers", "follower:any", kRoleFollower},
    {"replicas", "replica:any", kRoleReplica}, {"workers", "worker:any", kRoleWorker},
    {"clients", "client:any", kRoleClient},    {"control", "control:any", kRoleControl},
};
constexpr std::size_t kFollowers = 5;

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// One selector on its way to concrete ones.
class Drawing {
 public:
  Drawing(const Topology& topology, FaultRoles roles, RandomStream& random)
      : topology_(topology), roles_(roles), random_(random) {}

  /// Empty and a problem when it stands for nothing.
  std::vector<std::string> draw(std::string_view selector) {
    if (starts_with(selector, "link:")) return link(selector);
    return ends(selector, roles_);
  }
  std::string problem;

 private:
  std::vector<std::string> fail(std::string text) {
    problem = std::move(text);
    return {};
  }
  std::vector<std::string> link(std::string_view selector) {
    if ((roles_ & kRoleLink) == 0) return fail("\"" + std::string(selector) + "\": this kind does not hit links");
    const std::string_view body = selector.substr(5);
    // Names may contain '-', so "A-B" is split where both sides mean something.
    if (const std::size_t arrow = body.find('>'); arrow != std::string_view::npos)
      return cross(body.substr(0, arrow), body.substr(arrow + 1), false);
    for (std::size_t dash = body.find('-'); dash != std::string_view::npos; dash = body.find('-', dash + 1)) {
      std::vector<std::string> found = cross(body.substr(0, dash), body.substr(dash + 1), true);
      if (!found.empty()) return found;
    }
    return fail("\"" + std::string(selector) + "\" is no link: write link:A>B or link:A-B with two known targets");
  }
  std::vector<std::string> cross(std::string_view from, std::string_view to, bool both) {
    const std::vector<std::string> sources = ends(from, kRolesProcess);
    if (sources.empty()) return {};
    const std::vector<std::string> sinks = ends(to, kRolesProcess);
    std::vector<std::string> pairs;
    for (const std::string& a : sources) {
      for (const std::string& b : sinks) {
        if (a == b) continue;
        pairs.push_back("link:" + a + ">" + b);
        if (both) pairs.push_back("link:" + b + ">" + a);
      }
    }
    return pairs;
  }

  std::vector<std::string> ends(std::string_view selector, FaultRoles roles);
  std::vector<std::string> names(const std::vector<const TopologyNode*>& nodes, FaultRoles roles,
                                 std::string_view selector) {
    std::vector<std::string> result;
    for (const TopologyNode* node : nodes)
      if ((node->role & roles) != 0) result.push_back(node->name);
    if (result.empty()) problem = "\"" + std::string(selector) + "\" stands for nothing that this kind can hit";
    return result;
  }
  std::vector<std::string> pick(std::vector<std::string> from, std::size_t count, std::string_view selector) {
    if (count == 0 || count > from.size())
      return fail("\"" + std::string(selector) + "\": there are " + std::to_string(from.size()));
    for (std::size_t i = 0; i < count; ++i) std::swap(from[i], from[i + random_.below(from.size() - i)]);
    from.resize(count);
    std::sort(from.begin(), from.end());
    return from;
  }
  /// The one written after '@', or a drawn one; empty when there is none.
  std::string database(std::string_view written) {
    const std::vector<std::string> all = topology_.databases();
    if (all.empty()) return {};
    if (written.empty()) return all.size() == 1 ? all.front() : all[random_.below(all.size())];
    return std::find(all.begin(), all.end(), written) == all.end() ? std::string() : std::string(written);
  }

  const Topology& topology_;
  const FaultRoles roles_;
  RandomStream& random_;
};

std::vector<std::string> Drawing::ends(std::string_view selector, FaultRoles roles) {
  if (selector == "cold" || selector == "run") {
    const FaultRole role = selector == "cold" ? kRoleColdStore : kRoleRun;
    if ((roles & role) == 0) return fail("this kind does not hit \"" + std::string(selector) + "\"");
    return {std::string(selector)};
  }
  if (const TopologyNode* node = topology_.find(selector)) {
    if ((node->role & roles) == 0)
      return fail("\"" + node->name + "\" is a " + roles_text(node->role) + "; this kind hits: " + roles_text(roles));
    return {node->name};
  }
  if (selector == "all") {
    std::vector<const TopologyNode*> all;
    for (const TopologyNode& node : topology_.nodes) all.push_back(&node);
    return names(all, roles, selector);
  }
  if (starts_with(selector, "region:") || starts_with(selector, "site:")) {
    const bool region = starts_with(selector, "region:");
    const std::string_view place = selector.substr(selector.find(':') + 1);
    std::vector<const TopologyNode*> there;
    for (const TopologyNode& node : topology_.nodes) {
      const bool inside =
          region ? node.region == place : node.site == place || starts_with(node.site, std::string(place) + "/");
      if (inside) there.push_back(&node);
    }
    return names(there, roles, selector);
  }

  const std::size_t at = selector.find('@');
  const std::string_view written = at == std::string_view::npos ? std::string_view() : selector.substr(at + 1);
  std::string_view head = selector.substr(0, at);
  if (!written.empty() && database(written).empty())
    return fail("there is no database \"" + std::string(written) + "\"");
  if (head == "primary") {
    const std::string of = database(written);
    if (of.empty()) return fail("there is no database");
    if ((roles & kRolePrimary) == 0) return fail("this kind does not hit the primary; it hits: " + roles_text(roles));
    return {"primary@" + of};
  }
  if (head == "majority" || head == "minority") {
    const std::size_t count = head == "majority" ? kFollowers / 2 + 1 : kFollowers / 2;
    std::vector<const TopologyNode*> members = topology_.of_role(kRoleFollower, database(written));
    std::erase_if(members, [](const TopologyNode* node) { return node->index >= kFollowers; });
    std::vector<std::string> all = names(members, roles, selector);
    return all.empty() ? all : pick(std::move(all), count, selector);
  }
  std::size_t count = 0;
  for (const Group& group : kGroups) {
    if (head == group.any) {
      head = group.plural;
      count = 1;
    }
    if (!starts_with(head, group.plural)) continue;
    std::string_view rest = head.substr(std::string_view(group.plural).size());
    if (!rest.empty()) {
      if (rest.front() != ':') continue;
      rest.remove_prefix(1);
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
      if (error != std::errc() || end != rest.data() + rest.size() || count == 0)
        return fail("\"" + std::string(selector) + "\": write a number of at least 1 after the colon");
    }
    const bool of_database = (group.role & kRolesDatabase) != 0;
    const std::string of = of_database && (count > 0 || !written.empty()) ? database(written) : std::string();
    std::vector<const TopologyNode*> members = topology_.of_role(group.role, of);
    // Spares come first: the last targets of a bridge (N12) are cut off, and that is to mean something.
    if (group.role == kRoleFollower)
      std::stable_partition(members.begin(), members.end(), [](const auto* node) { return node->index >= kFollowers; });
    std::vector<std::string> all = names(members, roles, selector);
    if (all.empty() || count == 0) return all;
    return pick(std::move(all), count, selector);
  }
  return fail("there is no target \"" + std::string(selector) + "\"");
}

}  // namespace

const TopologyNode* Topology::find(std::string_view name) const {
  for (const TopologyNode& node : nodes)
    if (node.name == name) return &node;
  return nullptr;
}

const TopologyNode* Topology::find(std::uint32_t process) const {
  for (const TopologyNode& node : nodes)
    if (node.process == process) return &node;
  return nullptr;
}

std::vector<std::string> Topology::databases() const {
  std::vector<std::string> result;
  for (const TopologyNode& node : nodes)
    if (!node.database.empty() && std::find(result.begin(), result.end(), node.database) == result.end())
      result.push_back(node.database);
  return result;
}

std::vector<const TopologyNode*> Topology::of_role(FaultRole role, std::string_view database) const {
  std::vector<const TopologyNode*> result;
  for (const TopologyNode& node : nodes)
    if (node.role == role && (database.empty() || node.database == database)) result.push_back(&node);
  return result;
}

bool parse_target(std::string_view selector, const Topology& topology, Target& target) {
  target = {};
  if (selector == "cold" || selector == "run") {
    target.kind = selector == "cold" ? Target::Kind::kColdStore : Target::Kind::kRun;
    return true;
  }
  if (starts_with(selector, "primary@")) {
    target.kind = Target::Kind::kPrimary;
    target.name = selector.substr(8);
    const std::vector<std::string> all = topology.databases();
    return std::find(all.begin(), all.end(), target.name) != all.end();
  }
  if (starts_with(selector, "link:")) {
    const std::size_t arrow = selector.find('>');
    if (arrow == std::string_view::npos) return false;
    target.kind = Target::Kind::kLink;
    target.from = selector.substr(5, arrow - 5);
    target.to = selector.substr(arrow + 1);
    Target end;
    for (const std::string& side : {target.from, target.to})
      if (starts_with(side, "link:") || side == "cold" || side == "run" || !parse_target(side, topology, end))
        return false;
    return true;
  }
  target.name = selector;
  return topology.find(selector) != nullptr;
}

FaultRole role_of(const Target& target, const Topology& topology) {
  switch (target.kind) {
    case Target::Kind::kNode:
      return topology.find(target.name)->role;
    case Target::Kind::kPrimary:
      return kRolePrimary;
    case Target::Kind::kColdStore:
      return kRoleColdStore;
    case Target::Kind::kRun:
      return kRoleRun;
    case Target::Kind::kLink:
      return kRoleLink;
  }
  return kRoleRun;
}

std::vector<std::string> draw_targets(const std::vector<std::string>& selectors, const Topology& topology,
                                      FaultRoles roles, RandomStream& random, std::string& problem) {
  std::vector<std::string> result;
  problem.clear();
  if (selectors.empty()) problem = "no target";
  for (const std::string& selector : selectors) {
    Drawing drawing(topology, roles, random);
    const std::vector<std::string> found = drawing.draw(selector);
    if (found.empty()) {
      problem = drawing.problem.empty() ? "\"" + selector + "\" stands for nothing" : drawing.problem;
      return {};
    }
    for (const std::string& one : found)
      if (std::find(result.begin(), result.end(), one) == result.end()) result.push_back(one);
  }
  return result;
}

}  // namespace tidemark::sim
