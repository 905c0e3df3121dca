// What a sandbox may and may not do, as root and as an ordinary user, and that it goes with its caller.
#include "live/sandbox/sandbox.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "live/sandbox/child_process.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/network_namespace.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "live/sandbox/shared_memory.hpp"
#include "live/sandbox/sysctl.hpp"
#include "tests/catch.hpp"

namespace netlimits::live {
namespace {

std::string whole(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int run_inside(const Sandbox::Body& body) {
  auto sandbox = Sandbox::start(body);
  INFO((sandbox ? std::string() : sandbox.error().why));
  REQUIRE(sandbox);
  return sandbox->wait().value();
}

// Runs `body` in a fork that has become an ordinary user; its exit code.
int as_ordinary_user(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0) {
      if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(99);
      ::prctl(PR_SET_DUMPABLE, 1);  // a change of ids hides /proc/self from its own owner
    }
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

sockaddr_in endpoint(const char* address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &result.sin_addr);
  return result;
}

// Two hosts on a wire; the client connects over it. 0 when everything went as it must.
int two_hosts() {
  auto server = NetworkNamespace::create();
  auto client = NetworkNamespace::create();
  if (!server || !client) return 1;
  {
    auto visit = Visit::to(*server);
    if (!visit || !lay_cable("eth0", *client, "eth0")) return 2;
    if (!add_address("eth0", *AddressBlock::parse("10.1.0.9/24"))) return 3;
  }
  {
    auto visit = Visit::to(*client);
    if (!visit || !add_address("eth0", *AddressBlock::parse("10.1.0.5/24"))) return 4;
  }
  int listener = -1;
  {
    auto visit = Visit::to(*server);
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in name = endpoint("10.1.0.9", 443);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return 5;
    if (::listen(listener, 5) != 0) return 6;
  }
  auto connecting = spawn(*client, [] {
    const int outgoing = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in name = endpoint("10.1.0.9", 443);
    return ::connect(outgoing, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : 7;
  });
  if (!connecting) return 8;
  return connecting->wait();
}

}  // namespace

TEST_CASE("a sandbox is root over an empty network and over nothing else") {
  const int code = run_inside([](const SandboxFacts&) {
    if (::geteuid() != 0) return 1;
    if (::getpid() != 1) return 2;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in name = endpoint("127.0.0.1", 80);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return 3;
    // Writes what is there already: a sandbox that could write it would change nothing, and be found out.
    for (const char* host_wide : {"fs.file-max", "fs.nr_open"}) {
      const auto value = read_sysctl(host_wide);
      if (!value || write_sysctl(host_wide, *value)) return 4;
    }
    return 0;
  });
  CHECK(code == 0);
}

TEST_CASE("a setting of a sandbox changes nothing outside and is read back") {
  const auto before = read_sysctl("net.ipv4.ip_local_port_range");
  REQUIRE(before);
  const int code = run_inside([](const SandboxFacts&) {
    if (!write_sysctl("net.ipv4.ip_local_port_range", "40000 40019")) return 1;
    if (read_sysctl("net.ipv4.ip_local_port_range").value_or("") != "40000 40019") return 2;
    if (!write_sysctl("net.ipv4.ip_local_reserved_ports", "40001-40001,40005")) return 3;
    if (!write_sysctl("net.ipv4.ip_local_reserved_ports", "")) return 4;
    if (write_sysctl("net.ipv4.ip_local_port_range", "5 4")) return 5;
    return 0;
  });
  CHECK(code == 0);
  CHECK(read_sysctl("net.ipv4.ip_local_port_range").value() == *before);
}

TEST_CASE("two hosts of a sandbox reach each other over a wire") {
  CHECK(run_inside([](const SandboxFacts&) { return two_hosts(); }) == 0);
}

TEST_CASE("an ordinary user gets the same sandbox") {
  CHECK(as_ordinary_user([] {
          auto sandbox = Sandbox::start([](const SandboxFacts& facts) {
            if (facts.user_ids != 1) return 20;
            return two_hosts();
          });
          return sandbox ? sandbox->wait().value() : 30;
        }) == 0);
}

TEST_CASE("every address of a block under a local route is the host's own") {
  CHECK(run_inside([](const SandboxFacts&) {
          if (!add_any_ip(*AddressBlock::parse("10.20.0.0/16"))) return 1;
          const int bound = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
          const sockaddr_in name = endpoint("10.20.77.3", 5000);
          return ::bind(bound, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : 2;
        }) == 0);
}

TEST_CASE("a process holds exactly the descriptors that it was given") {
  const std::uint64_t own = GENERATE(0U, 1U, 3U, 7U);
  const bool with_epoll = GENERATE(false, true);
  CHECK(run_inside([&](const SandboxFacts&) {
          auto here = NetworkNamespace::current();
          auto child = spawn(*here, [&] {
            const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
            const int keep[] = {listener};
            auto held = hold_exactly({64, static_cast<std::uint32_t>(own), with_epoll}, keep);
            if (!held) return 1;
            if (held->kept.size() != 1 || held->kept.front() != static_cast<int>(own)) return 2;
            if (with_epoll && held->epoll < 0) return 3;
            std::uint64_t opened = 0;
            while (::socket(AF_INET, SOCK_STREAM, 0) >= 0) ++opened;
            return errno == EMFILE && opened == 64 - own - 1 ? 0 : 4;
          });
          return child ? child->wait() : 5;
        }) == 0);
}

TEST_CASE("a descriptor limit above the hard one is refused, not cut") {
  CHECK(run_inside([](const SandboxFacts&) {
          auto here = NetworkNamespace::current();
          auto child = spawn(*here, [] { return hold_exactly({hard_descriptor_limit() + 1, 3, true}, {}) ? 1 : 0; });
          return child->wait();
        }) == 0);
}

TEST_CASE("nothing remains when the caller is killed in the middle") {
  struct Seen {
    std::atomic<std::uint32_t> standing{0};
    std::atomic<ino_t> network{0};
  };
  auto seen = SharedArray<Seen>::of(1);
  REQUIRE(seen);
  const std::string mounts = whole("/proc/self/mounts");
  const std::string links = whole("/proc/net/dev");
  // A name that no other run of this program has.
  const std::string name = "nl" + std::to_string(::getpid());
  const pid_t caller = ::fork();
  if (caller == 0) {
    ::prctl(PR_SET_NAME, name.c_str());
    auto sandbox = Sandbox::start([&](const SandboxFacts&) {
      auto host = NetworkNamespace::create();
      if (!host || !lay_cable("eth0", *host, "eth0")) return 1;
      auto worker = spawn(*host, [&] {
        (*seen)[0].standing = 1;
        wake_all((*seen)[0].standing);
        ::pause();
        return 0;
      });
      return worker ? worker->wait() : 2;
    });
    if (sandbox) sandbox->wait();
    ::_exit(0);
  }
  for (int i = 0; i < 100 && (*seen)[0].standing == 0; ++i)
    wait_while((*seen)[0].standing, 0, std::chrono::milliseconds(50));
  REQUIRE((*seen)[0].standing == 1);
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  // Every process of the sandbox inherited the name: none may be left with it.
  int left = 1;
  for (int i = 0; i < 100 && left != 0; ++i) {
    left = 0;
    DIR* all = ::opendir("/proc");
    while (const dirent* entry = ::readdir(all)) {
      const std::string id = entry->d_name;
      if (id.find_first_not_of("0123456789") != std::string::npos) continue;
      if (whole("/proc/" + id + "/comm") == name + "\n") ++left;
    }
    ::closedir(all);
    if (left != 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(left == 0);
  CHECK(whole("/proc/self/mounts") == mounts);
  CHECK(std::count(links.begin(), links.end(), '\n') == [] {
    const std::string now = whole("/proc/net/dev");
    return std::count(now.begin(), now.end(), '\n');
  }());
}

}  // namespace netlimits::live
