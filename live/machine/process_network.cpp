// Two ways to tell whether a namespace is shared, and the entering of another one.
#include "live/machine/process_network.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <sstream>

#include "live/machine/proc_text.hpp"
#include "live/sandbox/descriptor.hpp"

namespace netlimits::live {
namespace {

// /proc/PID/net/unix lists every AF_UNIX socket of the process's network namespace by its inode, the seventh column.
std::optional<bool> sees_a_socket_of_ours(const std::string& process) {
  const Descriptor ours(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct stat status {};
  if (!ours || ::fstat(ours.number(), &status) != 0) return std::nullopt;
  const auto table = read_text(process + "/net/unix");
  if (!table) return std::nullopt;
  const std::string wanted = std::to_string(status.st_ino);
  std::istringstream lines(*table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    for (int column = 0; column < 7 && words >> word; ++column) {
    }
    if (word == wanted) return true;
  }
  return false;
}

}  // namespace

std::optional<bool> shares_our_network(const std::string& process) {
  const auto ours = read_link("/proc/thread-self/ns/net");
  const auto theirs = read_link(process + "/ns/net");
  if (ours && theirs) return *ours == *theirs;
  return sees_a_socket_of_ours(process);
}

SystemResult<NetworkNamespace> network_of(const std::string& process) {
  // Whoever may not come back must not go: coming back asks for the same right over the namespace we are in.
  auto ours = NetworkNamespace::current();
  if (!ours) return ours;
  if (auto stays = ours->enter(); !stays) return tl::unexpected(stays.error());
  return NetworkNamespace::at(process + "/ns/net");
}

}  // namespace netlimits::live
