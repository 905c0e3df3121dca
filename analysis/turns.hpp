// Who is let through when the connections of a workload come in turn and some limit of their own host fills up.
//
// A flow may send what one destination does not take to another. A program cannot: it opens its connections in the
// order of model/scenario/assignment.hpp, and each keeps its descriptor and its port whether or not its server ever
// accepts it. So the first limit that fills up ends the turns of all that need it, and what they have by then is what
// they get.
//
// This is worked out from limit to limit, not from connection to connection: how many of each kind there are among the
// first t is a closed form, so the moment at which a limit is full is found by halving.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace netlimits::analysis {

// The turns of one workload on one of its hosts. Kinds of connections are numbered (program * sources + source) *
// destinations + destination.
struct Turns {
  static constexpr std::size_t no_pool = ~std::size_t{0};

  std::vector<std::uint64_t> rounds{};  // by program: how many connections it is to make
  std::vector<std::uint64_t> offset{};  // by program: the destination that it begins with
  std::uint64_t sources = 1;
  std::uint64_t destinations = 1;
  std::optional<std::uint64_t> each_program{};  // descriptors of one
  std::optional<std::uint64_t> all_programs{};  // open files of the host
  std::vector<std::uint64_t> pools{};           // ports of each
  // A pool may have some ports more than that: it does not end the turns of its own, but takes no more from the rest.
  std::vector<bool> pool_may_give_more{};
  std::vector<std::size_t> pool_of{};  // by source * destinations + destination; `no_pool`: none runs out
  std::vector<bool> keeps{};           // by destination: a connection keeps what it took

  std::size_t kinds() const { return rounds.size() * sources * destinations; }
};

// By kind: how many get as far as the network. Cost: kinds * log(connections) for each time that a limit which many
// kinds share is the next to be full, or is taken to be; for pools of a kind each, no more than that once. Requires:
// rounds and offset of one length, pool_of and keeps of the lengths above.
std::vector<std::uint64_t> let_through(const Turns& turns);

}  // namespace netlimits::analysis
