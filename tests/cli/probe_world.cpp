// The sandbox, the two hosts and the sockets; `probe` is asked as the program asks it.
#include "tests/cli/probe_world.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "live/machine/machine_collector.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/sandbox.hpp"
#include "live/sandbox/sock_diag.hpp"
#include "live/sandbox/socket_address.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/machine/machine_host.hpp"
#include "report/probe_report.hpp"
#include "scenarios/collected/machine_reader.hpp"
#include "tests/catch.hpp"

namespace netlimits::probing {
namespace {

void require(const live::SystemResult<void>& done) {
  if (!done) throw std::runtime_error(done.error().text());
}

template <class T>
T require(live::SystemResult<T> made) {
  if (!made) throw std::runtime_error(made.error().text());
  return std::move(*made);
}

// Accepts everything; see TwoHosts.
int serve() {
  std::vector<pollfd> polled;
  std::size_t listeners = 0;
  for (const char* address : {"10.1.0.9", "2001:db8:1::9"}) {
    for (std::uint16_t port = 443; port <= 446; ++port, ++listeners)
      polled.push_back({bind_at({*IpAddress::parse(address), Port{port}}, true), POLLIN, 0});
  }
  for (;;) {
    if (::poll(polled.data(), polled.size(), -1) < 0) return 1;
    const std::size_t known = polled.size();
    for (std::size_t i = 0; i < known; ++i) {
      if (polled[i].revents == 0) continue;
      if (i < listeners) {
        const int accepted = ::accept4(polled[i].fd, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted >= 0) polled.push_back({accepted, POLLIN, 0});
        continue;
      }
      const auto local = live::local_name(polled[i].fd);
      if (local && local->port.value % 2 == 1) ::close(polled[i].fd);
      polled[i].fd = -1;  // never asked again
    }
  }
}

}  // namespace

Endpoint at(const char* text) { return *Endpoint::parse(text); }

std::string in_sandbox(const std::function<std::string()>& body) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  auto sandbox = live::Sandbox::start([&](const live::SandboxFacts&) {
    std::string text;
    int code = 0;
    try {
      text = body();
    } catch (const std::exception& trouble) {
      text = trouble.what();
      code = 1;
    }
    for (std::size_t written = 0; written < text.size();) {
      const ssize_t more = ::write(pipe[1], text.data() + written, text.size() - written);
      if (more <= 0) return 2;
      written += static_cast<std::size_t>(more);
    }
    return code;
  });
  ::close(pipe[1]);
  INFO((sandbox ? std::string() : sandbox.error().why));
  REQUIRE(sandbox);
  std::string text;
  std::array<char, 65536> part{};
  for (ssize_t got = 0; (got = ::read(pipe[0], part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  ::close(pipe[0]);
  INFO(text);
  REQUIRE(sandbox->wait() == 0);
  return text;
}

Probed probe(const std::optional<Endpoint>& to, std::optional<int> process) {
  live::CollectWish wish;
  if (process) wish.process = *process;
  if (to) wish.towards = to->address;
  auto collected = live::collect_machine(wish);
  if (!collected) throw std::runtime_error(collected.error());
  auto machine =
      scenarios::read_machine(*collected, scenarios::ProfileSet::built_in(), {.profile = {}, .lenient = true});
  if (!machine) throw std::runtime_error(scenarios::text_of(machine.error()));
  const HostGroup host = host_of(*machine);
  report::ProbeReport report = report::make_probe_report(*machine, host, analysis::headroom(*machine, host, to));
  std::string json = report::probe_json(report);
  return {std::move(report.machine), std::move(report.host), std::move(report.headroom), std::move(json)};
}

TwoHosts::TwoHosts(const std::string& port_range, const std::string& reserved_ports)
    : machine_(require(live::NetworkNamespace::create())),
      far_end_(require(live::NetworkNamespace::create())),
      server_([&] {
        {
          auto there = require(live::Visit::to(far_end_));
          require(live::lay_cable("eth0", machine_, "eth0"));
          for (const char* address : {"10.1.0.9/8", "2001:db8:1::9/32"})
            require(live::add_address("eth0", *AddressBlock::parse(address)));
          require(live::write_sysctl("net.core.somaxconn", "8192"));
        }
        return require(live::spawn(far_end_, [] { return serve(); }));
      }()),
      visit_(require(live::Visit::to(machine_))) {
  for (const char* address : {"10.0.0.5/8", "10.0.0.6/8", "2001:db8::5/32"})
    require(live::add_address("eth0", *AddressBlock::parse(address)));
  require(live::write_sysctl("net.ipv4.ip_local_port_range", port_range));
  require(live::write_sysctl("net.ipv4.ip_local_reserved_ports", reserved_ports));
  // Until it listens.
  for (int tries = 0; tries < 200; ++tries) {
    const Opened opened = connect_to(at("[2001:db8:1::9]:446"));
    if (opened.descriptor >= 0) {
      const linger at_once{1, 0};
      ::setsockopt(opened.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(opened.descriptor);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("the far end does not listen");
}

Opened connect_to(const Endpoint& to, const std::optional<Endpoint>& from) {
  const int descriptor = ::socket(live::family_number(to.address.family()), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return {-1, errno};
  bool done = true;
  if (from) {
    const int on = 1;
    const live::SocketAddress here = live::socket_address(*from);
    if (from->port.value == 0)
      done = ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0;
    done = done && ::bind(descriptor, here.get(), here.length) == 0;
  }
  const live::SocketAddress there = live::socket_address(to);
  done = done && ::connect(descriptor, there.get(), there.length) == 0;
  if (done) return {descriptor, 0};
  const int error = errno;
  ::close(descriptor);
  return {-1, error};
}

int bind_at(const Endpoint& local, bool listening) {
  const int descriptor = ::socket(live::family_number(local.address.family()), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const live::SocketAddress here = live::socket_address(local);
  demand(descriptor >= 0 && ::bind(descriptor, here.get(), here.length) == 0, "bind");
  demand(!listening || ::listen(descriptor, 4096) == 0, "listen");
  return descriptor;
}

Filled fill(const Endpoint& to, const std::optional<Endpoint>& from) {
  Filled filled;
  for (;;) {
    const Opened opened = connect_to(to, from);
    if (opened.descriptor < 0) {
      filled.error = opened.error;
      return filled;
    }
    ++filled.count;
  }
}

bool settle(TcpState state, std::size_t count) {
  for (int tries = 0; tries < 500; ++tries) {
    std::size_t found = 0;
    if (!live::each_tcp_socket(live::state_bit(state), [&](const live::SeenSocket&) { ++found; })) return false;
    if (found == count) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

bool mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

void demand(bool held, const std::string& what) {
  if (!held) throw std::runtime_error(what);
}

}  // namespace netlimits::probing
