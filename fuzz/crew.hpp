// Several members at one work, each in a thread of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <thread>
#include <vector>

namespace netlimits::fuzz {

// Calls `work(member, in_front)` for every member and returns when all have come back; the first works in the caller's
// thread, in front. What it throws leaves from here when the others have come back too: `ended` tells them to. The
// others must not throw. Requires: at least one member.
template <class Member, class Work>
void work_together(std::span<const Member> members, std::atomic<bool>& ended, const Work& work) {
  std::vector<std::thread> others;
  for (std::size_t index = 1; index < members.size(); ++index)
    others.emplace_back([&work, &member = members[index]] { work(member, false); });
  const auto join = [&] {
    for (std::thread& other : others) other.join();
  };
  try {
    work(members.front(), true);
  } catch (...) {
    ended = true;
    join();
    throw;
  }
  join();
}

}  // namespace netlimits::fuzz
