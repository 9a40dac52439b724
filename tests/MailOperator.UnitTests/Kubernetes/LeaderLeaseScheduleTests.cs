using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>
/// Three candidates whose requests hang, fail and come late, in any order: never do two of them lead.
/// </summary>
public sealed class LeaderLeaseScheduleTests
{
    private static readonly ObjectKey Key = new("mail-operator", "mail-operator");

    private enum Road
    {
        Open,
        Slow,
        Hangs,
        Refuses,
        LosesAnswers,
    }

    [Fact]
    public async Task Lead_AnySchedule_NeverTwoAtOnce()
    {
        // Mutants: set the time of the renewal when the answer is here; take a lease that moved;
        // trust a flag and no clock.
        Gen<(int Candidate, Road Road, int Steps)[]> schedules =
            Gen.Select(Gen.Int[0, 2], Gen.Enum<Road>(), Gen.Int[1, 40]).Array[5, 20];
        await Task.Run(() => schedules.SampleAsync(async schedule =>
        {
            await using var world = new World();
            foreach ((int candidate, Road road, int steps) in schedule)
            {
                world.Roads[candidate] = road;
                for (int step = 0; step < steps; step++)
                {
                    await world.StepAsync();
                    Assert.InRange(world.Candidates.Count(static each => each.IsLeader), 0, 1);
                }
            }
        }, iter: 40, threads: 1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Lead_AllRoadsOpen_SomebodyLeads()
    {
        await using var world = new World();

        while (world.Candidates.All(static each => !each.IsLeader))
        {
            await world.StepAsync();
        }

        Assert.Single(world.Candidates, static each => each.IsLeader);
    }

    /// <summary>One lease, and a road to it for each candidate.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly List<FakeApi> _roads = [];
        private readonly List<Task> _lives = [];
        private readonly CancellationTokenSource _end =
            CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly Lock _gate = new();
        private JsonObject? _lease;
        private int _version;

        public World()
        {
            Candidates = [.. Enumerable.Range(0, 3).Select(Candidate)];
            _lives.AddRange(Candidates.Select(LiveAsync));
        }

        public Road[] Roads { get; } = new Road[3];

        public LeaderLease[] Candidates { get; }

        public async Task StepAsync()
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            for (int turn = 0; turn < 10; turn++)
            {
                await Task.Yield();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAll(_lives);
            _roads.ForEach(static road => road.Dispose());
            _end.Dispose();
        }

        private LeaderLease Candidate(int number)
        {
            var road = new FakeApi { Default = request => TravelAsync(number, request) };
            _roads.Add(road);
            return new LeaderLease(
                road.Connect(_clock), new LeaderElectionOptions(), Key, $"pod-{number}", _clock, new Random(number),
                NullLogger<LeaderLease>.Instance);
        }

        private async Task LiveAsync(LeaderLease lease)
        {
            try
            {
                while (true)
                {
                    await lease.AcquireAsync(_end.Token);
                    await lease.RenewUntilLostAsync(_end.Token);
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                // The end of this world.
            }
        }

        private async Task<HttpResponseMessage> TravelAsync(int number, HttpRequestMessage request)
        {
            string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(_end.Token);
            switch (Roads[number])
            {
                case Road.Slow: // whoever has hung up by then has still been heard
                    await Task.Delay(TimeSpan.FromSeconds(3), _clock, _end.Token);
                    return Serve(request.Method, body);
                case Road.Hangs:
                    await Task.Delay(Timeout.InfiniteTimeSpan, _clock, _end.Token);
                    return Serve(request.Method, body);
                case Road.Refuses:
                    throw new HttpRequestException("refused");
                case Road.LosesAnswers:
                    Serve(request.Method, body).Dispose();
                    throw new HttpRequestException("reset");
                default:
                    return Serve(request.Method, body);
            }
        }

        private HttpResponseMessage Serve(HttpMethod method, string body)
        {
            lock (_gate)
            {
                if (method == HttpMethod.Get)
                {
                    return _lease is null
                        ? Reply(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"))
                        : Reply(HttpStatusCode.OK, _lease.ToJsonString());
                }

                JsonObject sent = JsonNode.Parse(body)!.AsObject();
                if ((string?)sent["metadata"]!["resourceVersion"] != (string?)_lease?["metadata"]!["resourceVersion"])
                {
                    return Reply(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"));
                }

                sent["metadata"]!["resourceVersion"] = $"{++_version}";
                _lease = sent;
                return Reply(HttpStatusCode.OK, sent.ToJsonString());
            }
        }

        private static HttpResponseMessage Reply(HttpStatusCode code, string body) =>
            new(code) { Content = new StringContent(body) };
    }
}
