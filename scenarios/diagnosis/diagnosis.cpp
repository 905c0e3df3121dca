// Weighs each cause on each system, and keeps the best of each.
#include "scenarios/diagnosis/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/systems/error.hpp"
#include "scenarios/diagnosis/weighing.hpp"
#include "scenarios/knowledge/knowledge.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::uint64_t worth_telling = 1;  // per mille of all

// Which systems are looked at, and how usual each is: what is asked for alone, else the current profile of each system
// first and older ones after it.
std::vector<std::pair<const OsProfile*, std::uint64_t>> systems_of(const Complaint& complaint,
                                                                   const ProfileSet& profiles) {
  if (!complaint.os.empty()) return {{profiles.find(complaint.os).get(), 1000}};
  std::vector<std::pair<const OsProfile*, std::uint64_t>> all;
  for (const std::string& name : profiles.names()) {
    const OsProfile* profile = profiles.find(name).get();
    std::uint64_t usual = 300;
    if (profile->system == "linux") usual = name == "linux" ? 1000 : 200;
    if (profile->system == "freebsd") usual = 60;
    all.emplace_back(profile, usual);
  }
  return all;
}

std::uint64_t use_factor(const Cause& cause, const Complaint& complaint, std::optional<SeenUse>& fullest) {
  if (complaint.use.empty() || !cause.limit) return 300;
  for (const SeenUse& use : complaint.use) {
    if (use.limit != *cause.limit || use.capacity == 0) continue;
    const bool fuller = !fullest || use.used / std::max<std::uint64_t>(1, use.capacity / 1000) >
                                        fullest->used / std::max<std::uint64_t>(1, fullest->capacity / 1000);
    if (fuller) fullest = use;
  }
  if (!fullest) return 300;
  const std::uint64_t left = fullest->capacity - std::min(fullest->used, fullest->capacity);
  if (left <= fullest->capacity / 20) return 1000;
  return left <= fullest->capacity / 2 ? 300 : 100;
}

template <class Lines>
Lines of_system(const std::map<std::string, Lines>& by_system, const std::string& system) {
  Lines lines;
  for (const std::string& key : {system, std::string("any")}) {
    const auto found = by_system.find(key);
    if (found != by_system.end()) lines.insert(lines.end(), found->second.begin(), found->second.end());
  }
  return lines;
}

void say_what_to_do(Explained& found) {
  const Cause& cause = *found.cause;
  found.tell = of_system(cause.tell, found.system);
  const auto own = cause.remedy.find(cause.remedy.contains(found.system) ? found.system : "any");
  if (own != cause.remedy.end()) found.remedy = own->second;
  if (!found.remedy.empty() || !cause.limit) return;
  for (const Known& known : knowledge()) {
    if (known.kind != KnownKind::limit || known.name != name_of(*cause.limit)) continue;
    const auto lines = known.changes.find(known.changes.contains(found.system) ? found.system : "linux");
    if (lines != known.changes.end()) found.remedy = lines->second;
  }
}

bool is_of_system(const Cause& cause, const std::string& system) {
  return cause.systems.empty() || std::find(cause.systems.begin(), cause.systems.end(), system) != cause.systems.end();
}

}  // namespace

std::vector<Explained> diagnose(const Complaint& complaint, const ProfileSet& profiles, const CauseBook& book) {
  struct Candidate {
    KnownSystem system;
    std::uint64_t usual;
  };
  std::vector<Candidate> candidates;
  for (const auto& [profile, usual] : systems_of(complaint, profiles))
    candidates.push_back({KnownSystem(*profile, book, complaint.machine), usual});
  std::vector<Explained> found;
  std::uint64_t all = 0;
  for (const Cause& cause : book.causes) {
    Explained best{.cause = &cause};
    for (const Candidate& candidate : candidates) {
      const OsProfile& profile = candidate.system.profile();
      if (!is_of_system(cause, profile.system)) continue;
      Weighed weighed = weigh(cause, complaint, candidate.system, book);
      const std::uint64_t weight = weighed.weight * candidate.usual / 1000;
      if (weight <= best.share) continue;
      best.share = weight;
      best.profile = profile.name;
      best.system = profile.system;
      best.fits = weighed.fits;
      best.evidence = std::move(weighed.evidence);
    }
    best.share = best.share * use_factor(cause, complaint, best.use) / 1000;
    all += best.share;
    if (best.share != 0) found.push_back(std::move(best));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Explained& a, const Explained& b) { return a.share > b.share; });
  for (Explained& one : found) {
    one.share = one.share / std::max<std::uint64_t>(1, all / 1000);
    say_what_to_do(one);
  }
  std::erase_if(found, [](const Explained& one) { return one.share < worth_telling; });
  return found;
}

}  // namespace netlimits::scenarios
