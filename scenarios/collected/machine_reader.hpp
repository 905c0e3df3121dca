// Makes a Machine of what was collected, whether from this machine's /proc or from files.
#pragma once

#include <optional>
#include <string>

#include "model/machine/collected.hpp"
#include "model/machine/machine.hpp"
#include "model/net/address.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {

struct MachineReading {
  // The profile whose figures stand where nothing was seen; empty: the one that fits the kernel.
  std::string profile{};
  // What cannot be read is named in Machine::not_determined and counts as missing, as befits a running kernel's own
  // words; otherwise it is an error, as befits a file that somebody hands in.
  bool lenient = false;
  // The destination that is asked for: the route to another one says nothing of it. Nothing: any route will do.
  std::optional<IpAddress> towards{};
};

// Every text that is there has to be what its name says: what cannot be read has an error with file, line and column.
// What is missing is named in Machine::not_determined. Fails also when no such profile is there, or when it is
// another system's: the files are those of Linux.
Loaded<Machine> read_machine(const Collected& collected, const ProfileSet& profiles,
                             const MachineReading& reading = {});

}  // namespace netlimits::scenarios
