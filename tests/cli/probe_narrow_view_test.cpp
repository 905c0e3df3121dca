// What `probe` makes of a machine of which it may see a part only.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include "model/systems/os_profile.hpp"
#include "tests/catch.hpp"
#include "tests/cli/probe_world.hpp"

using namespace netlimits;
using namespace netlimits::probing;

namespace {

// No socket of AF_NETLINK any more, as some containers have it.
bool forbid_netlink() {
  const std::array filter{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                          sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
                          sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
                          sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
                          sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                          sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

std::map<TcpState, std::uint64_t> tally_of(const Probed& probed) {
  std::map<TcpState, std::uint64_t> tallies;
  for (const analysis::SocketTally& tally : probed.headroom.sockets) tallies[tally.state] = tally.all;
  return tallies;
}

}  // namespace

TEST_CASE("without netlink the kernel's own tables tell the same, and what they leave out is named") {
  const std::string text = in_sandbox([] {
    const TwoHosts hosts("40000 40127");
    bind_at(at("127.0.0.1:40001"), false);
    bind_at(at("127.0.0.1:5000"), true);
    for (int i = 0; i < 9; ++i) connect_to(at("10.1.0.9:443"));
    for (int i = 0; i < 3; ++i) ::close(connect_to(at("10.1.0.9:445")).descriptor);
    demand(settle(TcpState::time_wait, 3), "connections did not end");
    auto with = tally_of(probe(at("10.1.0.9:443")));
    demand(forbid_netlink(), "seccomp");
    const Probed blind = probe(at("10.1.0.9:443"));
    with.erase(TcpState::closed);
    return fmt::format("{} {} {} {}", tally_of(blind) == with, blind.headroom.answer.capacity.min,
                       mentions(blind.machine.not_determined, "sockets by netlink"),
                       mentions(blind.machine.not_determined, "bound and neither listen"));
  });
  CHECK(text == "true 119 true true");  // the bound port is not seen: it is 118
}

TEST_CASE("without /proc nothing is made up: all comes from the profile, and is named") {
  const std::string text = in_sandbox([] {
    demand(::mount("none", "/proc", "tmpfs", 0, nullptr) == 0, "mount");
    const Probed blind = probe(at("127.0.0.1:5000"));
    return fmt::format("{} {} {} {}", blind.host.set_by_scenario.size(),
                       blind.host.settings == blind.host.profile->settings,
                       mentions(blind.host.origin->from_profile, "net.ipv4.ip_local_port_range"),
                       mentions(blind.machine.not_determined, "descriptor limit"));
  });
  CHECK(text == "0 true true true");
}

TEST_CASE("an ordinary user sees another user's process as far as it may, and the rest is named") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text;
    try {
      if (::geteuid() == 0 && (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0))
        throw std::runtime_error("setresuid");
      const Probed probed = probe(std::nullopt, 1);
      text = fmt::format(
          "{} {} {} {} {}", probed.machine.process.nofile_soft.has_value(),
          probed.machine.process.descriptors.has_value(), mentions(probed.machine.not_determined, "open descriptors"),
          probed.machine.settings.contains("net.ipv4.ip_local_port_range"), probed.machine.sockets.has_value());
    } catch (const std::exception& trouble) {
      text = trouble.what();
    }
    static_cast<void>(!::write(pipe[1], text.data(), text.size()));
    ::_exit(0);
  }
  ::close(pipe[1]);
  std::array<char, 512> text{};
  const ssize_t length = ::read(pipe[0], text.data(), text.size());
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  // Of a process of another user limits can be read by nobody else; that it shares our network can be told all the
  // same.
  const std::string said(text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  CHECK((said == "false false true true true" || said == "true false true true true"));
}
