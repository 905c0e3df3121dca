// The files of one process under /proc (proc_pid_limits(5), proc_pid_status(5), proc_pid_fd(5)).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/machine/collected.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// /proc/PID/limits: the row "Max open files". "unlimited" is the largest number. Refused: the limits of two processes
// that differ.
struct ProcessLimits {
  std::uint64_t nofile_soft = 0;
  std::uint64_t nofile_hard = 0;
  bool operator==(const ProcessLimits&) const = default;
};
Loaded<ProcessLimits> read_process_limits(const CollectedText& text);

// /proc/PID/status of one process, as far as it is of use here.
struct ProcessStatus {
  std::string name{};
  std::optional<std::uint64_t> id{};
  std::optional<std::uint32_t> effective_uid{};
  std::size_t pid_namespaces = 1;  // how many the process is numbered in
};
Loaded<ProcessStatus> read_process_status(const CollectedText& text);

// `ls -l /proc/PID/fd`, GNU's or busybox's, or a plain list of the numbers. A descriptor that was closed while `ls` ran
// does not count: GNU prints its row with question marks, or without a target. None at all is what `ls` prints where it
// may not look. Refused: the descriptors of two processes, which a second heading or total, or a number that comes
// again, gives away.
struct ProcessDescriptors {
  std::vector<std::uint64_t> numbers{};                    // in order
  std::map<std::uint64_t, std::uint64_t> socket_inodes{};  // inode -> number
  bool targets_shown = false;                              // what the descriptors are is part of the list
  std::size_t vanished = 0;                                // closed while `ls` ran
};
Loaded<ProcessDescriptors> read_process_descriptors(const CollectedText& text);

}  // namespace netlimits::scenarios
