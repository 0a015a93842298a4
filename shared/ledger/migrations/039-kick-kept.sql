-- A kick that found every place taken is kept by the runs that have them: whoever leaves first has another run follow.
alter table sweeper add column kicked boolean not null default false;
