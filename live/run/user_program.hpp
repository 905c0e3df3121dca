// A program that is not ours in the place of a process of the scenario: nginx as "server/web". It gets the process's
// network namespace and descriptor limit; what it does with its connections is seen from outside, through the kernel.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>

#include "live/run/program_surroundings.hpp"
#include "live/sandbox/child_process.hpp"
#include "live/sandbox/descriptor.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

class UserProgram {
 public:
  // Starts `sh -c command` in the namespace, with this descriptor limit as soft and hard one, in a process group of its
  // own, in an empty directory (make_directory()). What it prints is kept for last_output(): also what could not be
  // given to it.
  static SystemResult<UserProgram> start(const NetworkNamespace& where, const std::string& command,
                                         std::uint64_t nofile, const ProgramSurroundings& surroundings);
  // A file system in memory for user programs, within the sandbox's own mount namespace. Once, before the first
  // start().
  static SystemResult<void> make_directory();

  ChildProcess& process() { return process_; }
  // The end of what it printed, for a person who wants to know why it did not work.
  std::string last_output() const;

  // Looks at its processes. Of `sockets` (inode numbers of connections on its host, 0 for those that nobody accepted
  // yet) it holds `held`, in `holding_processes` processes; `descriptors` is how many the fullest of those has open in
  // all.
  struct Holding {
    std::uint64_t held = 0;
    std::uint64_t holding_processes = 0;
    std::uint64_t descriptors = 0;
  };
  Holding holding(const std::set<std::uint64_t>& sockets) const;

 private:
  UserProgram(ChildProcess process, Descriptor output) : process_(std::move(process)), output_(std::move(output)) {}

  ChildProcess process_;
  Descriptor output_;
};

}  // namespace netlimits::live
