using MailOperator.IntegrationTests.Bed;
using Xunit.Sdk;
using Xunit.v3;

// An API server, etcd, a mail server and the operator share two cores, so tests that measure must run alone.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: TestCollectionOrderer(typeof(CollectionsByName))]
[assembly: AssemblyFixture(typeof(TestBedLifetime))]
