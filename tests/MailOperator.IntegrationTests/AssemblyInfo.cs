using MailOperator.IntegrationTests.Bed;
using Xunit.Sdk;
using Xunit.v3;

// Two cores hold an API server, etcd, a mail server and the operator: tests that measure need them for themselves.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: TestCollectionOrderer(typeof(CollectionsByName))]
[assembly: AssemblyFixture(typeof(TestBedLifetime))]
