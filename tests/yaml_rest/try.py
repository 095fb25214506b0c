import sys, tempfile, pathlib, os, collections, time, json, random
sys.path[:0]=[str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent/'support')]
import nodes; nodes.PORTS=range(24500,25000)
import suite, runner
version, pattern = sys.argv[1], sys.argv[2:] 
tests=suite.Suite(version)
cases=[c for c in tests.cases if any(a in runner.READS for a,_ in c.calls()) and (not pattern or any(p in c.id for p in pattern))]
print(len(cases))
begin=time.time()
with tempfile.TemporaryDirectory(prefix='weir-yaml.') as d:
    os.chmod(d,0o755)
    with nodes.OpenSearch(version, d) as node, nodes.Weir(pathlib.Path(d)/'weir', node, indices=['*']) as gate:
        r=runner.Runner(node,gate,'sealed',tests)
        print('up', time.time()-begin)
        out=[]
        for c in cases:
            o=r.run(c); out.append(o)
            if o.kind not in('passed','skipped') : print(o.kind, c.id, o.detail, flush=True)
        n=collections.Counter(o.kind for o in out); print(n, time.time()-begin)
        print(collections.Counter(o.detail.split(' ')[0] for o in out if o.kind=='denied').most_common())
