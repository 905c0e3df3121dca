// The leader's birth on both sides of the fork: namespaces, id maps, mounts, messages over pipes; then waiting and
// killing.
#include "live/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/limits/callers_limits.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/pipe.hpp"

namespace netlimits::live {
namespace {

constexpr int exit_defect = 70;
constexpr unsigned many_user_ids = 65536;
// Ids that no account of the machine has, as container programs use them; and the one of nobody, where those are not
// mapped in the caller's own user namespace.
constexpr unsigned first_id_outside = 0x7fff0000;
constexpr unsigned nobody = 65534;
constexpr unsigned long leader_namespaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID;

// A fork into new namespaces. fork() takes no flags, and unshare() would leave a process between caller and leader that
// would have to pass on every death.
pid_t fork_into(unsigned long namespaces) {
  return static_cast<pid_t>(::syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

bool write_whole(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return false;
  return ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

void say(int where, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(where, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_to_end(int from) {
  std::string text;
  std::array<char, 512> part{};
  for (;;) {
    const ssize_t got = ::read(from, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

// Could user 0 here be user 0 of the machine? Not where this namespace's own map says that it is somebody else outside.
bool root_is_the_machines() {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  std::uint64_t count = 0;
  while (map >> inside >> outside >> count) {
    if (inside == 0) return outside == 0;
  }
  return true;
}

// Writes the leader's user and group id maps. Returns how many ids exist inside, 0 on failure (errno says why).
//
// The caller's root must not be root inside: /proc/sys and the file system go by the id outside, so that root in a user
// namespace that maps 0 to 0 still writes host-wide settings (measured: fs.file-max on 6.18; kernel/sysctl.c and
// fs/proc/proc_sysctl.c test_perm() compare with the global root id, not with a capability). So root gives its id up.
unsigned map_ids(pid_t leader) {
  const std::string place = "/proc/" + std::to_string(leader) + "/";
  if (::geteuid() == 0) {
    struct Ids {
      unsigned outside;
      unsigned count;
    };
    std::vector<Ids> wishes{{first_id_outside, many_user_ids}, {nobody, 1}};
    // In a container that has no other id than its root's, which is somebody's outside.
    if (!root_is_the_machines()) wishes.push_back({0, 1});
    for (const Ids& ids : wishes) {
      const std::string map = "0 " + std::to_string(ids.outside) + " " + std::to_string(ids.count) + "\n";
      if (write_whole(place + "uid_map", map)) return write_whole(place + "gid_map", map) ? ids.count : 0;
    }
    return 0;
  }
  // An ordinary user may map only its own id, and only after giving up setgroups() (user_namespaces(7)).
  if (!write_whole(place + "setgroups", "deny")) return 0;
  if (!write_whole(place + "uid_map", "0 " + std::to_string(::geteuid()) + " 1\n")) return 0;
  if (!write_whole(place + "gid_map", "0 " + std::to_string(::getegid()) + " 1\n")) return 0;
  return 1;
}

std::string why_clone_failed(int number) {
  switch (number) {
    case EPERM:
      return "the kernel forbids this user to make namespaces (sysctl kernel.unprivileged_userns_clone or a security "
             "policy)";
    case ENOSPC:
    case EUSERS:
      return "no further user namespace is allowed (sysctl user.max_user_namespaces)";
    case EAGAIN:
      return no_process_text();
    case EINVAL:
      return "the kernel was built without user, network or process-id namespaces";
    default:
      return "the kernel did not make the namespaces: " + SystemFailure{"clone", number}.text();
  }
}

// What the leader does before the body: in words what failed, or nothing.
std::string settle_in(SandboxFacts& facts) {
  if (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0)
    return "the user namespace gave no root: " + SystemFailure{"setresuid", errno}.text();
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return "the mount namespace could not be made private: " + SystemFailure{"mount", errno}.text();
  facts.fresh_proc = ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
  // Some systems allow the namespace but grant no capability in it; only an attempt tells.
  if (auto up = bring_loopback_up(); !up)
    return "the namespaces exist but grant no right over their network (a security policy such as AppArmor's "
           "restriction of user namespaces): " +
           up.error().text();
  return {};
}

[[noreturn]] void lead(const Sandbox::Body& body, SandboxFacts facts, Pipe go, Pipe news) {
  go.writing.reset();
  news.reading.reset();
  char granted = 0;
  if (::read(go.reading.number(), &granted, 1) != 1) ::_exit(exit_defect);
  facts.user_ids = granted == 'm' ? many_user_ids : 1;
  ::setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGCHLD}) ::signal(number, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  const std::string trouble = settle_in(facts);
  // After the change of ids, which clears it (prctl(2)).
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The caller may have died before the line above; its end of the pipe would then be closed.
  pollfd caller{go.reading.number(), POLLIN, 0};
  if (::poll(&caller, 1, 0) != 0) ::_exit(exit_defect);
  say(news.writing.number(), trouble.empty() ? "ready" : trouble);
  news.writing.reset();
  if (!trouble.empty()) ::_exit(exit_defect);
  int code = exit_defect;
  try {
    code = body(facts);
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "sandbox: %s\n", defect.what());
  } catch (...) {
    std::fprintf(stderr, "sandbox: unknown exception\n");
  }
  std::fflush(stdout);
  std::fflush(stderr);
  ::_exit(code);
}

}  // namespace

tl::expected<Sandbox, Unavailable> Sandbox::start(const Body& body) {
  auto go = make_pipe();
  auto news = make_pipe();
  if (!go || !news) return tl::unexpected(Unavailable{(!go ? go.error() : news.error()).text()});

  std::fflush(stdout);
  std::fflush(stderr);
  SandboxFacts facts;
  pid_t leader = fork_into(leader_namespaces | CLONE_NEWUSER);
  const int refusal = errno;
  if (leader == 0) lead(body, facts, std::move(*go), std::move(*news));
  if (leader < 0) return tl::unexpected(Unavailable{why_clone_failed(refusal)});

  Sandbox sandbox(leader, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, leader, 0))));
  go->reading.reset();
  news->writing.reset();
  const unsigned ids = map_ids(leader);
  if (ids == 0) {
    const std::string why = SystemFailure{"write uid_map", errno}.text();
    return tl::unexpected(Unavailable{"the user namespace accepts no user ids: " + why});
  }
  say(go->writing.number(), ids > 1 ? "m" : "1");
  const std::string answer = read_to_end(news->reading.number());
  if (answer != "ready")
    return tl::unexpected(Unavailable{answer.empty() ? "the sandbox ended before it stood" : answer});
  return sandbox;
}

Sandbox& Sandbox::operator=(Sandbox&& other) noexcept {
  if (this != &other) {
    kill();
    wait();
    leader_ = std::exchange(other.leader_, -1);
    handle_ = std::move(other.handle_);
    ended_ = other.ended_;
  }
  return *this;
}

Sandbox::~Sandbox() {
  if (!handle_) return;  // moved from
  kill();
  wait();
}

std::optional<int> Sandbox::wait(std::optional<std::chrono::milliseconds> patience) {
  if (ended_) return ended_;
  if (patience) {
    // A pidfd becomes readable when the process ends; an interrupted poll is a "not yet".
    pollfd end{handle_.number(), POLLIN, 0};
    if (::poll(&end, 1, static_cast<int>(patience->count())) <= 0) return std::nullopt;
  }
  int status = 0;
  while (::waitpid(leader_, &status, 0) < 0) {
    if (errno != EINTR) {
      ended_ = exit_defect;
      return ended_;
    }
  }
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended_;
}

void Sandbox::kill() {
  if (!ended_ && handle_) ::syscall(SYS_pidfd_send_signal, handle_.number(), SIGKILL, nullptr, 0);
}

std::optional<Unavailable> why_no_sandbox() {
  auto sandbox = Sandbox::start([](const SandboxFacts&) { return 0; });
  if (!sandbox) return sandbox.error();
  return std::nullopt;
}

}  // namespace netlimits::live
