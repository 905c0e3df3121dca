// Tries the ways of drawing one after another, like the digits of a number that counts up.
#include "fuzz/followed_run.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace netlimits::fuzz {
namespace {

// The members to demand in the next attempt, the last draw varying fastest. False when all have been tried.
bool next_members(std::vector<std::uint32_t>& members, const std::vector<GroupDraws::Draw>& drawn) {
  for (std::size_t length = drawn.size(); length > 0; --length) {
    const GroupDraws::Draw& last = drawn[length - 1];
    if (last.member + 1 >= last.size) continue;
    members.clear();
    for (std::size_t at = 0; at < length; ++at) members.push_back(drawn[at].member);
    ++members.back();
    return true;
  }
  return false;
}

}  // namespace

FollowedRun follow(const ScriptRun& kernel, const std::function<ScriptRun(const std::shared_ptr<GroupDraws>&)>& model,
                   const std::function<std::optional<std::size_t>(const ScriptRun&, const ScriptRun&)>& difference) {
  constexpr int most_attempts = 256;
  FollowedRun best;
  std::vector<std::uint32_t> members;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const auto draws = std::make_shared<GroupDraws>(members);
    ScriptRun run = model(draws);
    const auto differs = difference(kernel, run);
    if (attempt == 0 || !differs || (best.difference && *differs > *best.difference)) {
      best.model = std::move(run);
      best.difference = differs;
    }
    if (!best.difference || !next_members(members, draws->draws())) break;
  }
  return best;
}

}  // namespace netlimits::fuzz
