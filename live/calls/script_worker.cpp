// A switch over errands and one over calls, and a function for each: first those about the process itself, then those
// about sockets.
#include "live/calls/script_worker.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <variant>
#include <vector>

#include "live/calls/script_residue.hpp"
#include "live/calls/worker_option.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "live/sandbox/socket_address.hpp"
#include "live/sandbox/sysctl.hpp"

namespace netlimits::live {
namespace {

constexpr unsigned first_own_descriptor = 3;
constexpr std::size_t buffer_size = 1 << 20;

// poll() counts milliseconds; a shorter wait must not become none.
int milliseconds(std::int64_t nanoseconds) {
  return static_cast<int>(std::clamp<std::int64_t>((nanoseconds + 999999) / 1000000, 0, 3600000));
}

// A blocking socket that is not to wait at all: its own timeouts end with a tick of the clock at the earliest.
class NoWait {
 public:
  explicit NoWait(const WorkerQuestion& question)
      : descriptor_(question.timeout_ns == 0 && !question.nonblocking ? question.descriptor : -1) {
    if (descriptor_ < 0) return;
    flags_ = ::fcntl(descriptor_, F_GETFL);
    ::fcntl(descriptor_, F_SETFL, flags_ | O_NONBLOCK);
  }
  NoWait(const NoWait&) = delete;
  NoWait& operator=(const NoWait&) = delete;
  ~NoWait() {
    if (descriptor_ >= 0) ::fcntl(descriptor_, F_SETFL, flags_);
  }

 private:
  int descriptor_;
  int flags_ = 0;
};

class Worker {
 public:
  explicit Worker(WorkerBatch& batch) : batch_(batch), bytes_(buffer_size) {}

  WorkerAnswer serve(const WorkerQuestion& question) {
    WorkerAnswer answer;
    if (const auto* errand = std::get_if<WorkerErrand>(&question.what))
      run_errand(*errand, question, answer);
    else
      make_call(std::get<Call>(question.what), question, answer);
    return answer;
  }

 private:
  void run_errand(WorkerErrand errand, const WorkerQuestion& question, WorkerAnswer& answer) {
    switch (errand) {
      case WorkerErrand::begin:
        begin(question, answer);
        break;
      case WorkerErrand::finish:
        finish();
        break;
      case WorkerErrand::clean:
        answer.number = clear_residue() ? 0 : 1;
        break;
      case WorkerErrand::read_sysctl:
        read_setting(question, answer);
        break;
      case WorkerErrand::batch:
        serve_batch(std::min(static_cast<std::size_t>(question.first), WorkerBatch::most));
        break;
    }
  }

  void make_call(Call call, const WorkerQuestion& question, WorkerAnswer& answer) {
    switch (call) {
      case Call::socket:
        made(::socket(int(question.first), int(question.second), 0), answer);
        break;
      case Call::setsockopt:
        set_option(question, answer);
        break;
      case Call::getsockopt:
        get_option(question, answer);
        break;
      case Call::bind: {
        const SocketAddress name = socket_address(question.endpoint);
        with_port(::bind(question.descriptor, name.get(), name.length), question, answer);
        break;
      }
      case Call::listen:
        with_port(::listen(question.descriptor, static_cast<int>(question.first)), question, answer);
        break;
      case Call::connect:
        connect(question, answer);
        break;
      case Call::disconnect: {
        sockaddr nobody{};
        nobody.sa_family = AF_UNSPEC;
        with_port(::connect(question.descriptor, &nobody, sizeof nobody), question, answer);
        break;
      }
      case Call::await:
        if (question.flag)
          answer.pending = !readable(question);
        else
          await_connected(question, answer);
        break;
      case Call::accept:
        accept(question, answer);
        break;
      case Call::getsockname:
        name(::getsockname, question, answer);
        break;
      case Call::getpeername:
        name(::getpeername, question, answer);
        break;
      case Call::send:
        send(question, answer);
        break;
      case Call::recv:
        receive(question, answer);
        break;
      case Call::shutdown:
        outcome(::shutdown(question.descriptor, int(question.first)), answer);
        break;
      case Call::close:
        outcome(::close(question.descriptor), answer);
        break;
      case Call::open_files:
        open_files(question, answer);
        break;
      case Call::exit:
        close_everything();
        break;
      case Call::sysctl:
        write_setting(question, answer);
        break;
      case Call::sleep:
      case Call::repeat:
      case Call::ports:
        answer.error = ENOSYS;
        break;
    }
  }

  static void outcome(int result, WorkerAnswer& answer) { answer.error = result < 0 ? errno : 0; }

  static void with_port(int result, const WorkerQuestion& question, WorkerAnswer& answer) {
    outcome(result, answer);
    const auto local = live::local_name(question.descriptor);
    if (local) answer.port = local->port.value;
  }

  void made(int descriptor, WorkerAnswer& answer) {
    outcome(descriptor, answer);
    answer.descriptor = descriptor;
    if (descriptor >= 0) sockets_.push_back(descriptor);
  }

  void serve_batch(std::size_t count) {
    std::array<int, WorkerBatch::most> made{};  // 0: nothing, or closed again
    for (std::size_t place = 0; place < count; ++place) {
      WorkerQuestion& question = batch_.questions[place];
      WorkerAnswer& answer = batch_.answers[place];
      const int asked = question.descriptor;
      int* const socket = asked < -1 ? &made[static_cast<std::size_t>(-2 - asked)] : nullptr;
      if (socket != nullptr) question.descriptor = *socket;
      if (is(question, WorkerErrand::batch) || (socket != nullptr && *socket == 0)) {
        answer = {};
        answer.skipped = true;
        continue;
      }
      answer = serve(question);
      if (is(question, Call::socket) || is(question, Call::accept))
        made[place] = answer.error == 0 && !answer.pending ? answer.descriptor : 0;
      if (is(question, Call::close) && socket != nullptr) *socket = 0;
    }
  }

  // ---- the process itself

  void begin(const WorkerQuestion& question, WorkerAnswer& answer) {
    limit_ = static_cast<rlim_t>(question.first);
    user_ = static_cast<uid_t>(question.second);
    powerless_ = question.flag;
    answer.error = take_on_role();
  }

  int take_on_role() const {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    now.rlim_cur = limit_;
    if (::setrlimit(RLIMIT_NOFILE, &now) != 0) return errno;
    if (user_ != 0 && !powerless_ && ::seteuid(user_) != 0) return errno;
    if (powerless_ && !set_capabilities(false)) return errno;
    return 0;
  }

  // Root with room for a descriptor more, as the sandbox's own errands need it.
  void leave_role() const {
    if (user_ != 0 && !powerless_ && ::seteuid(0) != 0) std::abort();
    if (powerless_ && !set_capabilities(true)) std::abort();
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    now.rlim_cur = now.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &now);
  }

  void resume_role() const {
    if (take_on_role() != 0) std::abort();
  }

  static bool set_capabilities(bool effective) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
    if (::syscall(SYS_capget, &header, data) != 0) return false;
    for (auto& part : data) part.effective = effective ? part.permitted : 0;
    return ::syscall(SYS_capset, &header, data) == 0;
  }

  static void close_everything() { ::syscall(SYS_close_range, first_own_descriptor, ~0U, 0U); }

  void finish() {
    const linger reset{1, 0};
    for (const int socket : sockets_) ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    sockets_.clear();
    close_everything();
    leave_role();
    user_ = 0;
    powerless_ = false;
  }

  void read_setting(const WorkerQuestion& question, WorkerAnswer& answer) const {
    leave_role();
    const auto value = read_sysctl(question.text.data());
    if (value) value->copy(answer.text.data(), answer.text.size() - 1);
    if (!value) answer.error = value.error().number;
    resume_role();
  }

  void write_setting(const WorkerQuestion& question, WorkerAnswer& answer) const {
    leave_role();
    const std::string_view text(question.text.data());
    const std::size_t line = text.find('\n');
    const auto written = write_sysctl(text.substr(0, line), text.substr(line + 1));
    // Number 0: the kernel took it and prints it in another way (a list of ports in order, for example).
    if (!written) answer.error = written.error().number;
    resume_role();
  }

  static void open_files(const WorkerQuestion& question, WorkerAnswer& answer) {
    while (answer.number < question.first) {
      if (::dup(0) < 0) {
        answer.error = errno;
        return;
      }
      ++answer.number;
    }
  }

  // ---- sockets

  static void patience(int descriptor, int which, std::int64_t nanoseconds) {
    timeval time{};
    time.tv_sec = nanoseconds / 1000000000;
    time.tv_usec = (nanoseconds % 1000000000) / 1000;
    if (time.tv_sec == 0 && time.tv_usec == 0) time.tv_usec = 1;  // zero would mean for ever
    ::setsockopt(descriptor, SOL_SOCKET, which, &time, sizeof time);
  }

  static void connect(const WorkerQuestion& question, WorkerAnswer& answer) {
    if (!question.nonblocking) patience(question.descriptor, SO_SNDTIMEO, question.timeout_ns);
    const SocketAddress name = socket_address(question.endpoint);
    with_port(::connect(question.descriptor, name.get(), name.length), question, answer);
    // What a blocking connect() says when its time is up (net/ipv4/af_inet.c __inet_stream_connect).
    if (!question.nonblocking && (answer.error == EINPROGRESS || answer.error == EALREADY)) {
      answer.error = 0;
      answer.pending = true;
    }
  }

  static bool poll_for(const WorkerQuestion& question, short events) {
    pollfd one{question.descriptor, events, 0};
    return ::poll(&one, 1, milliseconds(question.timeout_ns)) > 0;
  }
  static bool readable(const WorkerQuestion& question) { return poll_for(question, POLLIN); }

  static void await_connected(const WorkerQuestion& question, WorkerAnswer& answer) {
    if (!poll_for(question, POLLOUT)) {
      answer.pending = true;
      return;
    }
    int error = 0;
    socklen_t length = sizeof error;
    outcome(::getsockopt(question.descriptor, SOL_SOCKET, SO_ERROR, &error, &length), answer);
    if (answer.error == 0) answer.error = error;
    if (answer.error == 0) name(::getpeername, question, answer);
  }

  void accept(const WorkerQuestion& question, WorkerAnswer& answer) {
    if (!question.nonblocking) patience(question.descriptor, SO_RCVTIMEO, question.timeout_ns);
    const NoWait at_once(question);
    int accepted = ::accept4(question.descriptor, nullptr, nullptr, 0);
    if (accepted < 0 && errno == EAGAIN && question.nonblocking && readable(question))
      accepted = ::accept4(question.descriptor, nullptr, nullptr, 0);
    made(accepted, answer);
  }

  using NameCall = int (*)(int, sockaddr*, socklen_t*);

  static void name(NameCall call, const WorkerQuestion& question, WorkerAnswer& answer) {
    SocketAddress address;
    address.length = sizeof address.storage;
    outcome(call(question.descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length), answer);
    if (answer.error == 0) answer.endpoint = endpoint_of(address).value_or(Endpoint{});
  }

  void send(const WorkerQuestion& question, WorkerAnswer& answer) {
    if (!question.nonblocking) patience(question.descriptor, SO_SNDTIMEO, question.timeout_ns);
    const SocketAddress name = socket_address(question.endpoint);
    const ssize_t sent =
        ::sendto(question.descriptor, bytes_.data(), std::min<std::size_t>(std::size_t(question.first), bytes_.size()),
                 MSG_NOSIGNAL, question.flag ? name.get() : nullptr, question.flag ? name.length : 0);
    with_port(sent < 0 ? -1 : 0, question, answer);
    answer.number = sent;
  }

  void receive(const WorkerQuestion& question, WorkerAnswer& answer) {
    if (!question.nonblocking) patience(question.descriptor, SO_RCVTIMEO, question.timeout_ns);
    const NoWait at_once(question);
    ssize_t got = ::recv(question.descriptor, bytes_.data(), bytes_.size(), 0);
    if (got < 0 && errno == EAGAIN && question.nonblocking && readable(question))
      got = ::recv(question.descriptor, bytes_.data(), bytes_.size(), 0);
    outcome(got < 0 ? -1 : 0, answer);
    answer.number = got;
  }

  WorkerBatch& batch_;
  std::vector<char> bytes_;
  std::vector<int> sockets_;
  rlim_t limit_ = 0;
  uid_t user_ = 0;
  bool powerless_ = false;
};

}  // namespace

void serve_script_calls(WorkerChannel& channel, WorkerBatch& batch) {
  constexpr int exit_defect = 70;
  ::signal(SIGPIPE, SIG_IGN);
  if (!hold_exactly({hard_descriptor_limit(), first_own_descriptor, false}, {})) ::_exit(exit_defect);
  Worker worker(batch);
  for (;;) channel.serve_one([&](const WorkerQuestion& question) { return worker.serve(question); });
}

}  // namespace netlimits::live
