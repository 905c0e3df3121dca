// Every history of a small world, checked against what must never happen: 3 ports, 2 destinations, 2 processes.
#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

constexpr std::uint16_t low = 40000;
constexpr std::uint64_t descriptor_limit = 5;  // 3 of its own and 2 sockets
enum class Operation { connect_first, connect_second, bind, close_oldest, wait };
constexpr int operations = 5 * 2;  // each by either process

class History {
 public:
  History() : world_(outside()) {
    (void)world_.listener(endpoint("127.0.0.1", 7000), 64);
    (void)world_.listener(endpoint("127.0.0.1", 7001), 64);
    for (int i = 0; i < 2; ++i) {
      processes_[static_cast<std::size_t>(i)] = world_.host().add_process({.name = "c", .nofile = descriptor_limit});
    }
  }

  void run(int code) {
    const auto process = static_cast<std::size_t>(code % 2);
    switch (static_cast<Operation>(code / 2)) {
      case Operation::connect_first:
        connect(process, 7000);
        break;
      case Operation::connect_second:
        connect(process, 7001);
        break;
      case Operation::bind:
        bind(process);
        break;
      case Operation::close_oldest:
        if (!open_[process].empty()) {
          world_.close(open_[process].front());
          open_[process].erase(open_[process].begin());
        }
        break;
      case Operation::wait:
        world_.advance(std::chrono::milliseconds(process == 0 ? 400 : 61'000));
        break;
    }
  }

  // No live four-tuple twice, no descriptor past its limit, no port held by bind given to connect().
  std::string violation() {
    std::set<FourTuple> tuples;
    std::map<std::uint16_t, int> by_bind;
    std::string found;
    for (const SocketId id : world_.host().sockets()) {
      const SocketView view = world_.host().view(id);
      if (view.remote && view.state != TcpState::closed && !tuples.insert({view.local, *view.remote}).second)
        found = "a four-tuple twice";
    }
    for (const ProcessId process : processes_) {
      if (world_.host().descriptors(process).peak > descriptor_limit) found = "a descriptor past the limit";
    }
    return found.empty() ? broken_ : found;
  }

 private:
  static Outside outside() {
    Outside outside;
    outside.settings.local_port_range = {Port{low}, Port{low + 2}};
    return outside;
  }

  std::optional<SocketId> socket(std::size_t process) {
    const auto made = world_.host().socket(processes_[process], Family::inet, SocketType::stream);
    if (made.has_value() != (open_[process].size() < 2)) broken_ = "EMFILE at the wrong number";
    if (!made) return std::nullopt;
    return *made;
  }

  void connect(std::size_t process, std::uint16_t to) {
    const auto made = socket(process);
    if (!made) return;
    std::set<std::uint16_t> held;
    for (const SocketId id : world_.host().sockets()) {
      const SocketView view = world_.host().view(id);
      if (id != *made && !view.connect_bound && view.local.port.value >= low) held.insert(view.local.port.value);
    }
    if (world_.connect(*made, endpoint("127.0.0.1", to), {.number = draw_ += 5, .demanded = {}})) {
      world_.close(*made);
      return;
    }
    if (held.count(world_.port(*made)) != 0) broken_ = "a port held by bind was given to connect()";
    open_[process].push_back(*made);
  }

  void bind(std::size_t process) {
    const auto made = socket(process);
    if (!made) return;
    if (!world_.host().bind(*made, endpoint("127.0.0.9", 0), {.number = draw_ += 3, .demanded = {}})) {
      world_.close(*made);
      return;
    }
    open_[process].push_back(*made);
  }

  World world_;
  std::array<ProcessId, 2> processes_{};
  std::array<std::vector<SocketId>, 2> open_{};
  std::uint32_t draw_ = 0;
  std::string broken_;
};

}  // namespace

TEST_CASE("in every history of five operations no four-tuple is there twice and no limit is passed") {
#ifdef NDEBUG
  constexpr int length = 5;
#else
  constexpr int length = 4;  // a build with all its checks is a hundred times slower
#endif
  int histories = 1;
  for (int i = 0; i < length; ++i) histories *= operations;
  for (int number = 0; number < histories; ++number) {
    History history;
    int rest = number;
    for (int step = 0; step < length; ++step) {
      history.run(rest % operations);
      rest /= operations;
      const std::string violation = history.violation();
      if (!violation.empty()) {
        INFO("history " << number << ", step " << step);
        FAIL(violation);
      }
    }
  }
  SUCCEED();
}
