// Users, descriptor limits and systems that a script names, against what the machine has.
#include "live/calls/script_requirements.hpp"

#include <optional>

namespace netlimits::live {
namespace {

// The one user that all processes of the script have, if it is one and not root.
std::optional<std::uint32_t> only_user(const Script& script) {
  std::optional<std::uint32_t> user;
  for (const auto& [name, host] : script.hosts) {
    for (const auto& [process_name, process] : host.processes) {
      if (process.uid == 0 || (user && *user != process.uid)) return std::nullopt;
      user = process.uid;
    }
  }
  return user;
}

}  // namespace

std::string why_not_here(const Script& script, unsigned user_ids, std::uint64_t hard_limit) {
  if (script.hosts.empty()) return "the script has no host";
  for (const auto& [name, host] : script.hosts) {
    if (host.os != "linux") return "host " + name + " is " + host.os + ", this kernel is Linux";
    for (const auto& [process_name, process] : host.processes) {
      const std::string who = name + "/" + process_name;
      if (process.nofile > hard_limit) {
        return who + " wants " + std::to_string(process.nofile) + " descriptors, the hard limit here is " +
               std::to_string(hard_limit) + " (RLIMIT_NOFILE)";
      }
      if (process.uid >= user_ids && !only_user(script))
        return who + " is user " + std::to_string(process.uid) + ": an ordinary user's sandbox has one user id only";
    }
  }
  return {};
}

}  // namespace netlimits::live
